package nft

// Attribute types of linux/netfilter/nf_tables.h. A test compares them with the
// descriptions.
const (
	nftaBitwiseSreg  = 1
	nftaBitwiseDreg  = 2
	nftaBitwiseMask  = 4
	nftaBitwiseXor   = 5
	nftaBitwiseOp    = 6
	nftaBitwiseData  = 7
	nftaBitwiseSreg2 = 8

	nftaByteorderSreg = 1
	nftaByteorderDreg = 2
	nftaByteorderOp   = 3

	nftaCmpSreg = 1
	nftaCmpOp   = 2
	nftaCmpData = 3

	nftaConnlimitCount = 1
	nftaConnlimitFlags = 2

	nftaCounterBytes   = 1
	nftaCounterPackets = 2

	nftaCtDreg      = 1
	nftaCtKey       = 2
	nftaCtDirection = 3
	nftaCtSreg      = 4

	nftaDataValue   = 1
	nftaDataVerdict = 2

	nftaDupSregAddr = 1
	nftaDupSregDev  = 2

	nftaDynsetSetName     = 1
	nftaDynsetOp          = 3
	nftaDynsetSregKey     = 4
	nftaDynsetSregData    = 5
	nftaDynsetTimeout     = 6
	nftaDynsetExpr        = 7
	nftaDynsetExpressions = 10

	nftaExprName = 1
	nftaExprData = 2

	nftaListElem = 1

	nftaExthdrDreg   = 1
	nftaExthdrType   = 2
	nftaExthdrOffset = 3
	nftaExthdrLen    = 4
	nftaExthdrFlags  = 5
	nftaExthdrOp     = 6
	nftaExthdrSreg   = 7

	nftaFibDreg   = 1
	nftaFibResult = 2
	nftaFibFlags  = 3

	nftaFlowTableName = 1

	nftaFwdSregDev  = 1
	nftaFwdSregAddr = 2
	nftaFwdNfproto  = 3

	nftaHashSreg    = 1
	nftaHashDreg    = 2
	nftaHashModulus = 4
	nftaHashSeed    = 5
	nftaHashOffset  = 6
	nftaHashType    = 7

	nftaImmediateDreg = 1
	nftaImmediateData = 2

	nftaInnerType = 2
	nftaInnerExpr = 5

	nftaLastSet   = 1
	nftaLastMsecs = 2

	nftaLimitRate  = 1
	nftaLimitUnit  = 2
	nftaLimitBurst = 3
	nftaLimitType  = 4
	nftaLimitFlags = 5

	nftaLogGroup      = 1
	nftaLogPrefix     = 2
	nftaLogSnaplen    = 3
	nftaLogQthreshold = 4
	nftaLogLevel      = 5
	nftaLogFlags      = 6

	nftaLookupSet   = 1
	nftaLookupSreg  = 2
	nftaLookupDreg  = 3
	nftaLookupSetId = 4
	nftaLookupFlags = 5

	nftaMasqFlags       = 1
	nftaMasqRegProtoMin = 2
	nftaMasqRegProtoMax = 3

	nftaMatchName = 1

	nftaMetaDreg = 1
	nftaMetaKey  = 2
	nftaMetaSreg = 3

	nftaNatType        = 1
	nftaNatFamily      = 2
	nftaNatRegAddrMin  = 3
	nftaNatRegAddrMax  = 4
	nftaNatRegProtoMin = 5
	nftaNatRegProtoMax = 6
	nftaNatFlags       = 7

	nftaNgDreg    = 1
	nftaNgModulus = 2
	nftaNgType    = 3
	nftaNgOffset  = 4

	nftaObjrefImmType = 1
	nftaObjrefImmName = 2
	nftaObjrefSetSreg = 3
	nftaObjrefSetName = 4
	nftaObjrefSetId   = 5

	nftaOsfDreg  = 1
	nftaOsfTtl   = 2
	nftaOsfFlags = 3

	nftaPayloadDreg   = 1
	nftaPayloadBase   = 2
	nftaPayloadOffset = 3
	nftaPayloadLen    = 4
	nftaPayloadSreg   = 5

	nftaQueueNum      = 1
	nftaQueueTotal    = 2
	nftaQueueFlags    = 3
	nftaQueueSregQnum = 4

	nftaQuotaBytes    = 1
	nftaQuotaFlags    = 2
	nftaQuotaConsumed = 4

	nftaRangeSreg     = 1
	nftaRangeOp       = 2
	nftaRangeFromData = 3
	nftaRangeToData   = 4

	nftaRedirRegProtoMin = 1
	nftaRedirRegProtoMax = 2
	nftaRedirFlags       = 3

	nftaRejectType     = 1
	nftaRejectIcmpCode = 2

	nftaRtDreg = 1
	nftaRtKey  = 2

	nftaRuleTable       = 1
	nftaRuleChain       = 2
	nftaRuleHandle      = 3
	nftaRuleExpressions = 4
	nftaRulePosition    = 6
	nftaRuleUserdata    = 7

	nftaSetElemKey    = 1
	nftaSetElemData   = 2
	nftaSetElemFlags  = 3
	nftaSetElemObjref = 9
	nftaSetElemKeyEnd = 10

	nftaSetElemListSet      = 2
	nftaSetElemListElements = 3
	nftaSetElemListSetId    = 4

	nftaSocketKey   = 1
	nftaSocketDreg  = 2
	nftaSocketLevel = 3

	nftaSynproxyMss    = 1
	nftaSynproxyWscale = 2
	nftaSynproxyFlags  = 3

	nftaTargetName = 1

	nftaTproxyFamily  = 1
	nftaTproxyRegAddr = 2
	nftaTproxyRegPort = 3

	nftaTunnelKey  = 1
	nftaTunnelDreg = 2

	nftaVerdictCode    = 1
	nftaVerdictChain   = 2
	nftaVerdictChainId = 3

	nftaXfrmDreg  = 1
	nftaXfrmKey   = 2
	nftaXfrmDir   = 3
	nftaXfrmSpnum = 4
)
