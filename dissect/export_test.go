package dissect

// NumCodes is how many kinds of finding there are.
const NumCodes = int(numCodes)

// MaxNames is the bound on names.
const MaxNames = maxNames
