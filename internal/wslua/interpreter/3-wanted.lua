-- leads says whether a field that is asked for can be inside of a type. Types have
-- themselves inside: seen are those that are being looked at.
local known = {}
local function leads(t, seen)
	local function entries(of)
		if not of or known[of] == false or seen[of] then return false end
		if known[of] then return true end
		seen[of] = true
		for _, entry in pairs(of) do
			if type(entry) == "table" and (asked[fields[entry[1]]] or leads(entry[4] or entry[2], seen)) then
				known[of] = true
				return true
			end
		end
		return false
	end
	if t.k == "n" then return entries(t.t and structs[t.t]) or entries(t.s and sets[t.s]) end
	if t.k == "t" then return entries(structs[t.t]) end
	if t.k == "v" then return entries(t.t and structs[t.t]) or entries(sets[t.s]) end
	if t.k == "p" then return true end -- what filters on it is not ours
	if t.k == "x" or t.k == "a" then return leads(t.l, seen) end
	if t.k ~= "m" then return false end
	local s = subs[t.m]
	if seen[s] then return false end
	seen[s] = true
	if s.d and leads(s.d, seen) then return true end
	for _, choices in ipairs({ s.n, s.v }) do
		for _, choice in pairs(choices) do
			if leads(choice, seen) then return true end
		end
	end
	return false
end

-- wanted says, of an attribute or a member, whether it is to be read though
-- nobody looks at the tree: because it or what is inside is asked for, or it
-- chooses what another is.
local wanted
local function want_anew()
	known = {}
	wanted = setmetatable({}, { __index = function(t, entry)
		local name, seen = entry[1], {}
		local yes = asked[fields[name]] or asked[unknown_field] or data.chooses[name] or find(name, "family", 1, true) ~= nil or leads(entry[4] or entry[2], seen)
		if not yes then
			-- Nothing was found behind any of these.
			for of in pairs(seen) do known[of] = false end
		end
		t[entry] = yes
		return yes
	end })
end
want_anew()

local max_depth = 40

