-- Datagrams of these protocols are no netlink messages.
local datagrams = { [1] = true, [2] = true, [3] = true, [5] = true, [13] = true, [14] = true, [15] = true, [19] = true, [22] = true }
local builtin = Dissector.get("netlink")

-- What is asked for is found out at the front of a capture, and whenever frames
-- are not taken in turn: then Wireshark may want another thing of them.
local last = -1
local function ask(pinfo, tree)
	if pinfo.number ~= last + 1 then
		local now, same = {}, true
		for _, field in ipairs(list) do
			if referenced(tree, field) then now[field] = true end
			same = same and now[field] == asked[field]
		end
		asked = now
		if not same then want_anew() end
	end
	last = pinfo.number
end

-- frame shows the messages behind a cooked header of some length.
local function frame(tvb, pinfo, tree, head, protocol)
	local stop = tvb:len()
	local ctx = { raw = tvb:raw(), tvb = tvb, pinfo = pinfo, visible = tree.visible, little = false }
	ctx.frame = ctx
	ctx.protocol = integer(ctx, protocol, 2, "u")
	if stop < head + 16 or datagrams[ctx.protocol] then return end
	if not ctx.visible then ask(pinfo, tree) end
	local top = tree:add(proto, tvb:range(head))
	local shown = tostring(pinfo.cols.protocol)
	local info, off = {}, head
	local le, be = integer(ctx, head, 4, "u", 2), integer(ctx, head, 4, "u", 1)
	ctx.little = not (le > be and be >= 16)
	while off + 16 <= stop do
		local len, have = integer(ctx, off, 4, "u"), stop - off
		local n, item = math.max(16, math.min(len, have)), top
		if ctx.visible then item = add(top, proto, tvb:range(off, n), "Message") end
		local op, line = message(ctx, item, off, n, false)
		if line ~= "" then op = op .. " " .. line end
		if ctx.visible then item:set_text(op) end
		if #info < 8 then info[#info + 1] = op end
		if len < 16 or len > have then
			item:add_proto_expert_info(bad, "nlmsg_len " .. len .. ", but " .. have .. " bytes are left")
			break
		end
		off = off + len + (4 - len % 4) % 4
	end
	if ctx.inner then pinfo.cols.protocol:set(shown) end -- of the packet in it
	if #info > 0 then pinfo.cols.info:set(table.concat(info, "; ")) end
end

function proto.dissector(tvb, pinfo, tree)
	-- A message that is malformed to it is shown all the same.
	pcall(builtin.call, builtin, tvb, pinfo, tree)
	if tvb:len() >= 32 then frame(tvb, pinfo, tree, 16, 14) end
end

local encaps = DissectorTable.get("wtap_encap")
encaps:add(wtap.NETLINK, proto)

-- Cooked captures of all interfaces have frames of other kinds too, which stay what they
-- were: name, link type, length of the header, places of the hardware type and the
-- protocol.
for _, cooked in ipairs({ { "nlsniff_sll", wtap.SLL, 16, 2, 14 }, { "nlsniff_sll2", wtap.SLL2, 20, 8, 0 } }) do
	local name, encap, head, hardware, protocol = cooked[1], cooked[2], cooked[3], cooked[4], cooked[5]
	local before = encap and encaps:get_dissector(encap)
	if before then
		local one = Proto(name, "Netlink behind a header of " .. head .. " bytes")
		function one.dissector(tvb, pinfo, tree)
			before:call(tvb, pinfo, tree)
			if tvb:len() < head + 16 or tvb:range(hardware, 2):uint() ~= 824 then return end
			pinfo.cols.protocol:set("Netlink")
			frame(tvb, pinfo, tree, head, protocol)
		end
		encaps:add(encap, one)
	end
end
