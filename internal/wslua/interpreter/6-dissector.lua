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

function proto.dissector(tvb, pinfo, tree)
	-- A message that is malformed to it is shown all the same.
	pcall(builtin.call, builtin, tvb, pinfo, tree)
	local stop = tvb:len()
	if stop < 32 then return end
	local ctx = { raw = tvb:raw(), tvb = tvb, visible = tree.visible, little = false }
	ctx.protocol = integer(ctx, 14, 2, "u")
	if datagrams[ctx.protocol] then return end
	if not ctx.visible then ask(pinfo, tree) end
	local top = tree:add(proto, tvb:range(16))
	local info, off = {}, 16
	local le, be = integer(ctx, 16, 4, "u", 2), integer(ctx, 16, 4, "u", 1)
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
	if #info > 0 then pinfo.cols.info:set(table.concat(info, "; ")) end
end

DissectorTable.get("wtap_encap"):add(wtap.NETLINK, proto)
