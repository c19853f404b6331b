-- holds says whether the conditions of a body do.
local function holds(ctx, when, off, n)
	for _, c in ipairs(when) do
		local kind, ok = c[1], false
		if kind == "request" then ok = ctx.request
		elseif kind == "reply" then ok = not ctx.request
		elseif kind == "dump" then
			if ctx.request then ok = ctx.flags % 1024 >= 768 else ok = ctx.flags % 4 >= 2 end
		elseif kind == "less" then ok = n < c.v
		elseif kind == "member" then
			if n >= c.off + c.n then ok = plain(integer(ctx, off + c.off, c.n, "u", c.o)) == c.v end
		elseif kind == "starts" then ok = n >= #c.text and sub(ctx.raw, off + 1, off + #c.text) == c.text
		elseif kind == "event" then ok = not ctx.request and ctx.seq == 0
		elseif kind == "create" then ok = ctx.flags % 2048 >= 1024
		elseif kind == "attrs" then ok = n >= c.v
		end
		if c.no then ok = not ok end
		if not ok then return false end
	end
	return true
end

-- places makes a tree of the places that a summary has: each is a table of those
-- inside of it, by name, and what the summary finds its value by.
local function places(b)
	if b.root then return b.root end
	b.root = { CTRL_ATTR_FAMILY_ID = {}, CTRL_ATTR_FAMILY_NAME = {} }
	for _, item in ipairs(b.line) do
		for i = 2, #item do
			local at = b.root
			for name in string.gmatch(item[i], "[^/]+") do
				at[name] = at[name] or {}
				at = at[name]
			end
			item[i] = at
		end
	end
	return b.root
end

local function payload(ctx, tree, body, off, n)
	for _, b in ipairs(bodies[body] or {}) do
		if holds(ctx, b.when, off, n) then
			local scope, from = {}, 0
			ctx.root, ctx.line = places(b), b.line
			if b.t then from = members(ctx, tree, scope, b.t, off, n, ctx.root) end
			if from >= n then return end
			if b.s then
				local aligned = from + (4 - from % 4) % 4
				if aligned < n then from = aligned end
				attributes(ctx, tree, scope, b.s, off + from, n - from, ctx.root)
			elseif b.p then
				local item = put(ctx, tree, unknown_field, off + from, n - from)
				if ctx.visible then item:set_text("payload") end
				decode(ctx, item, scope, nil, b.p, off + from, n - from, ctx.root, false)
			else
				unknown(ctx, tree, off + from, n - from)
			end
			return
		end
	end
	if n > 0 then unknown(ctx, tree, off, n) end
end

local function summary(ctx)
	local words = {}
	for _, item in ipairs(ctx.line or {}) do
		for i = 2, #item do
			local v = ctx.seen[item[i]]
			local said = v ~= nil and v ~= true and digits(v) or ""
			if said ~= "0" and said ~= "" then
				words[#words + 1] = item[1] ~= "" and (item[1] .. " " .. said) or said
				break
			end
		end
	end
	return table.concat(words, " ")
end

-- message shows one, and returns its operation, its summary and the place that is
-- wanted.
local message

-- answer shows an error or an acknowledgement.
local function answer(ctx, tree, off, n)
	if n < 4 then
		unknown(ctx, tree, off, n)
		return "NLMSG_ERROR"
	end
	local errno = integer(ctx, off, 4, "i")
	local name = errno == 0 and "ACK" or (named(data.errno, -errno) or tostring(errno))
	if errno ~= 0 then
		add(tree, error_field, range_of(ctx.tvb, off, 4), name):add_proto_expert_info(refused, name)
	else
		put(ctx, tree, error_field, off, 4, name)
	end
	if n < 20 then return name end
	local echo, left = off + 4, n - 4
	local size = math.min(integer(ctx, echo, 4, "u"), left)
	if ctx.flags % 512 >= 256 then size = 16 end -- NLM_F_CAPPED
	if size < 16 then return name end
	local said, want
	local rest = echo + size + (4 - size % 4) % 4
	if ctx.flags % 1024 >= 512 then
		while rest + 4 <= off + n do
			local len, kind = head(ctx, rest)
			kind = kind % 16384
			if len < 4 or rest + len > off + n then break end
			if kind == 1 and len > 4 then
				said = text(ctx, rest + 4, len - 4)
				put(ctx, tree, message_field, rest + 4, len - 4, said)
			elseif kind == 2 and len == 8 then
				want = integer(ctx, rest + 4, 4, "u")
			end
			rest = rest + len + (4 - len % 4) % 4
		end
	end
	local asked_for = tree
	if ctx.visible then asked_for = add(tree, proto, range_of(ctx.tvb, echo, size), "Request") end
	local op, line, found = message(ctx, asked_for, echo, size, true, want and echo + want)
	if found and (ctx.visible or asked[path_field]) then put(ctx, tree, path_field, echo, size, found):set_generated() end
	return name .. " " .. op .. (line ~= "" and (" " .. line) or "") .. (said and (' "' .. said .. '"') or "") .. (found and (" at " .. found) or "")
end

local controls = { [1] = "NLMSG_NOOP", [2] = "NLMSG_ERROR", [3] = "NLMSG_DONE", [4] = "NLMSG_OVERRUN" }

function message(outer, tree, off, n, echoed, want)
	local ctx = {
		raw = outer.raw, tvb = outer.tvb, little = outer.little, visible = outer.visible, all = outer.visible or want, protocol = outer.protocol,
		pinfo = outer.pinfo, frame = outer.frame,
		seen = {}, depth = 0, want = want,
	}
	local kind = integer(ctx, off + 4, 2, "u")
	ctx.flags, ctx.seq = integer(ctx, off + 6, 2, "u"), integer(ctx, off + 8, 4, "u")
	ctx.kind, ctx.request = kind, ctx.flags % 2 == 1
	put(ctx, tree, type_field, off + 4, 2, kind)
	put(ctx, tree, flags_field, off + 6, 2, ctx.flags)
	put(ctx, tree, seq_field, off + 8, 4, ctx.seq)
	put(ctx, tree, pid_field, off + 12, 4, integer(ctx, off + 12, 4, "u"))
	local from, left = off + 16, n - 16
	local function named_op(name)
		if not echoed and (ctx.visible or asked[op_field]) then put(ctx, tree, op_field, off, n, name):set_generated() end
		return name
	end
	local function rest(text)
		if left > 0 then unknown(ctx, tree, from, left, text) end
	end
	if kind < 16 and ctx.protocol == 11 then
		kind = 3 -- the type says nothing of a connector's message
	elseif kind < 16 then
		local op = named_op(controls[kind] or ("control " .. kind))
		if kind == 2 and left > 0 and not echoed then return answer(ctx, tree, from, left), "" end
		ctx.keyed = left >= 16 and (ctx.protocol == 16 or data.keyed["p" .. ctx.protocol])
		rest()
		return op, ""
	end
	local key, id = "p" .. ctx.protocol, kind
	ctx.keyed = data.keyed[key]
	if ctx.protocol == 16 then
		local family = genl[kind]
		if not family or disputed[kind] then
			ctx.keyed = true
			rest()
			return named_op("family " .. kind), ""
		end
		if left < 4 then
			rest()
			return named_op(family), ""
		end
		local version
		id, version = byte(ctx.raw, from + 1, from + 2)
		key, ctx.kind = "g" .. family, id
		unknown(ctx, tree, from, 4, "genlmsghdr: family " .. family .. ", cmd " .. id .. ", version " .. version)
		ctx.keyed = data.keyed[key]
		from, left = from + 4, left - 4
	end
	local t = messages(key)
	local a, b = t.q, t.r
	if not ctx.request then a, b = b, a end
	local m = a[id] or b[id] or t.e[id]
	if not ctx.request and ctx.seq == 0 and t.e[id] then m = t.e[id] end
	if not m then
		rest()
		return named_op(key .. " type " .. id), ""
	end
	named_op(m.name)
	if left > 0 and m.body > 0 then payload(ctx, tree, m.body, from, left) else rest() end
	if key == "gnlctrl" and not echoed and ctx.root then
		local name, number = ctx.seen[ctx.root.CTRL_ATTR_FAMILY_NAME], plain(ctx.seen[ctx.root.CTRL_ATTR_FAMILY_ID])
		if type(name) == "string" and number and number > 16 and not ctx.request then
			local before = genl[number]
			if before and before ~= name and (data.keyed["g" .. before] or data.keyed["g" .. name]) then disputed[number] = true end
			genl[number] = name
		end
	end
	return m.name, summary(ctx), ctx.found
end

