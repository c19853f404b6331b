-- A frame's bytes are one string, ctx.raw, of which numbers and texts are read by
-- their place; a TvbRange, which costs as much as ten of these, is made only for
-- what is added to the tree. ctx.visible says that somebody looks at all of the
-- tree; asked has the fields that a filter or a column wants if nobody does.
local asked = {}

local function put(ctx, tree, field, off, n, value)
	if not ctx.visible and not asked[field] then return tree end
	if value == nil then return add(tree, field, range_of(ctx.tvb, off, n)) end
	return add(tree, field, range_of(ctx.tvb, off, n), value)
end

-- hidden stands for bytes that may be a key: the field has none of them.
local function hidden(ctx, tree, off, n)
	return add(tree, hidden_field, range_of(ctx.tvb, off, n), "<hidden>")
end

-- unknown shows bytes that are not taken apart, as text if that is given.
local function unknown(ctx, tree, off, n, text)
	if ctx.keyed then
		if ctx.visible then hidden(ctx, tree, off, n) end
		return
	end
	local item = put(ctx, tree, unknown_field, off, n)
	if text and ctx.visible then item:set_text(text) end
end

-- complain is for every mode: expert infos are listed without a tree as well.
local function complain(ctx, tree, off, n, what)
	local item = ctx.keyed and hidden(ctx, tree, off, n) or add(tree, unknown_field, range_of(ctx.tvb, off, n))
	item:add_proto_expert_info(bad, what)
end

-- Integers. One of 8 bytes is userdata if a number of Lua 5.2 is not exact enough.
local half = { 128, 32768, 8388608, 2147483648 }
local function integer(ctx, off, n, kind, order)
	local little, v = ctx.little, nil
	if order == 1 then little = false elseif order == 2 then little = true end
	if n == 4 then
		local a, b, c, d = byte(ctx.raw, off + 1, off + 4)
		if little then a, b, c, d = d, c, b, a end
		v = a * 16777216 + b * 65536 + c * 256 + d
	elseif n == 2 then
		local a, b = byte(ctx.raw, off + 1, off + 2)
		if little then a, b = b, a end
		v = a * 256 + b
	elseif n == 1 then
		v = byte(ctx.raw, off + 1)
	elseif n == 8 then
		local high, low = integer(ctx, off, 4, "u", order), integer(ctx, off + 4, 4, "u", order)
		if little then high, low = low, high end
		if kind == "i" then
			local signed = high >= 2147483648 and high - 4294967296 or high
			if signed < -2097152 or signed >= 2097152 then return Int64.new(low, high) end
			return signed * 4294967296 + low
		end
		if high >= 2097152 then return UInt64.new(low, high) end
		return high * 4294967296 + low
	elseif n == 3 then
		local a, b, c = byte(ctx.raw, off + 1, off + 3)
		if little then a, c = c, a end
		v = a * 65536 + b * 256 + c
	else
		return nil
	end
	if kind == "i" and v >= half[n] then v = v - 2 * half[n] end
	return v
end

-- digits are those of a value, of which Lua 5.2 shows 14 when it is left to it.
local function digits(v)
	if type(v) == "number" and (v >= 1e14 or v <= -1e14) then return format("%.0f", v) end
	return tostring(v)
end

-- plain makes a number of a value: of one of 8 bytes, whose highest bit is set, what it
-- is with a sign, as the tables of names have the last few.
local function plain(v)
	if type(v) == "number" then return v end
	if type(v) ~= "userdata" and type(v) ~= "table" then return tonumber(tostring(v)) end
	local high, low = v:higher(), v:lower()
	if high >= 2147483648 then high = high - 4294967296 end
	return high * 4294967296 + low
end

-- named returns the name of a value, or of the flags in it.
local function named(id, v)
	local e, n = enums[id], plain(v)
	if not e or not n then return nil end
	if e.v[n] then return e.v[n] end
	if not e.flags or n <= 0 or n >= 4294967296 then return nil end
	local names, bit = {}, 1
	while n > 0 do
		if n % 2 == 1 then
			names[#names + 1] = e.v[bit] or format("0x%x", bit)
			n = n - 1
		end
		n, bit = n / 2, bit * 2
	end
	return table.concat(names, "|")
end

-- text is what stands before a zero. Wireshark mends what is no UTF-8.
local function text(ctx, off, n)
	local s = sub(ctx.raw, off + 1, off + n)
	local zero = find(s, "\0", 1, true)
	if zero then s = sub(s, 1, zero - 1) end
	if find(s, "[\128-\255]") then s = (string.gsub(range_of(ctx.tvb, off, n):string(), "%z.*", "")) end
	return s
end

-- bitmap names the bits that are set, and gives the numbers of the others: 0-3|7. Many
-- that follow on one another are a range though they have names.
local many_bits = 64
local function bitmap(ctx, t, off, n)
	local size, from, little = t.n, 0, ctx.little
	if t.groups then
		from = 1
		if n % 8 == 0 then size = 8 end -- the kernel's unsigned long
	end
	if t.o == 1 then little = false elseif t.o == 2 then little = true end
	local set = {}
	for word = 0, n - size, size do
		for i = 0, size - 1 do
			local v, bit = byte(ctx.raw, off + 1 + word + (little and i or size - 1 - i)), from + (word + i) * 8
			while v > 0 do
				if v % 2 == 1 then set[#set + 1] = bit end
				v, bit = floor(v / 2), bit + 1
			end
		end
	end
	local names, words, ranged, i = t.e and enums[t.e].v or {}, {}, 0, 1
	while i <= #set do
		local last = i
		while set[last + 1] == set[last] + 1 do last = last + 1 end
		if names[set[i]] and set[i] >= ranged and last - i + 1 >= many_bits then ranged = set[last] + 1 end
		local name = set[i] >= ranged and names[set[i]]
		if name then
			words[#words + 1] = sub(name, 1, #t.p) == t.p and sub(name, #t.p + 1) or name
			i = i + 1
		else
			local to = i
			while set[to + 1] == set[to] + 1 and (set[to + 1] < ranged or not names[set[to + 1]]) do to = to + 1 end
			words[#words + 1] = format(to > i and "%d-%d" or "%d", set[i], set[to])
			i = to + 1
		end
	end
	return #words > 0 and table.concat(words, "|") or "none"
end

local colons = {}
for i = 0, 255 do colons[string.char(i)] = format(":%02x", i) end
local function hex(ctx, off, n)
	return sub(string.gsub(sub(ctx.raw, off + 1, off + n), ".", colons), 2)
end

local function address(ctx, off, n)
	if n == 4 then return format("%d.%d.%d.%d", byte(ctx.raw, off + 1, off + 4)) end
	if n == 16 then return tostring(range_of(ctx.tvb, off, n):ipv6()) end
	return hex(ctx, off, n)
end

