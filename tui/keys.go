package tui

import tea "charm.land/bubbletea/v2"

// do makes a binding's action of one that has no command.
func do(fn func(*Model)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { fn(m); return nil }
}

var moveKeys = []binding{
	{everywhere, []string{"j", "down"}, "goes down a row", "", func(m *Model) tea.Cmd { return m.move(1) }},
	{everywhere, []string{"k", "up"}, "goes up a row", "", func(m *Model) tea.Cmd { return m.move(-1) }},
	{everywhere, []string{"ctrl+d"}, "goes down half a page", "", func(m *Model) tea.Cmd { return m.move(m.page() / 2) }},
	{everywhere, []string{"ctrl+u"}, "goes up half a page", "", func(m *Model) tea.Cmd { return m.move(-m.page() / 2) }},
	{everywhere, []string{"pgdown", "ctrl+f"}, "goes down a page", "", func(m *Model) tea.Cmd { return m.move(m.page()) }},
	{everywhere, []string{"pgup", "ctrl+b"}, "goes up a page", "", func(m *Model) tea.Cmd { return m.move(-m.page()) }},
	{everywhere, []string{"g"}, "twice goes to the top", "", do(func(m *Model) { m.pending = "g" })},
	{everywhere, []string{"<", "home"}, "goes to the top", "", (*Model).top},
	{everywhere, []string{"G", ">", "end"}, "goes to the bottom; in a live list, follows it", "", (*Model).bottom},
}

var listKeys = []binding{
	{inList, []string{"enter"}, "opens the message", "open", func(m *Model) tea.Cmd { return m.goTo(paneDetail) }},
	{inList, []string{"l", "right"}, "moves the summaries to the left", "", func(m *Model) tea.Cmd { return m.shift(8) }},
	{inList, []string{"h", "left"}, "moves them back", "", func(m *Model) tea.Cmd { return m.shift(-8) }},
	{inList, []string{"space"}, "stops the display of a live list, not the capture, and lets it go on", "", (*Model).pause},
	{inList, []string{"f"}, "filters by something of the message: a menu asks what", "", (*Model).byMessage},
	{inList, []string{"e"}, "shows the message's exchange", "exchange", (*Model).toExchange},
	{inList, []string{"]"}, "goes to the next message of the same exchange", "", func(m *Model) tea.Cmd { return m.partner(1) }},
	{inList, []string{"["}, "goes to the one before", "", func(m *Model) tea.Cmd { return m.partner(-1) }},
	{inList, []string{"E"}, "goes to the next error, past those that answer a probe", "next error", func(m *Model) tea.Cmd { return m.nextError(1) }},
	{inList, []string{"W"}, "goes to the error before", "", func(m *Model) tea.Cmd { return m.nextError(-1) }},
}

var detailKeys = []binding{
	{inDetail, []string{"enter"}, "folds and unfolds; on a request's place, goes there", "fold", (*Model).toggle},
	{inDetail, []string{"space"}, "folds and unfolds", "", (*Model).toggle},
	{inDetail, []string{"l", "right"}, "unfolds", "", (*Model).unfold},
	{inDetail, []string{"h", "left"}, "folds, or goes to what is around it", "", (*Model).foldOrUp},
	{inDetail, []string{"f"}, "filters by the field: a menu asks how, together with the filter in force or instead", "filter", (*Model).byField},
	{inDetail, []string{"e"}, "goes to what the kernel's error is about", "", (*Model).toPointed},
	{inDetail, []string{"L"}, "shows or hides the headers and the padding of attributes", "", (*Model).showLayout},
	{inDetail, []string{"J"}, "goes to the next message", "next", func(m *Model) tea.Cmd { return m.moveList(1) }},
	{inDetail, []string{"K"}, "goes to the message before", "", func(m *Model) tea.Cmd { return m.moveList(-1) }},
}

var bytesKeys = []binding{
	{inBytes, []string{"l", "right"}, "goes to the next byte", "", func(m *Model) tea.Cmd { return m.moveByte(1) }},
	{inBytes, []string{"h", "left"}, "goes to the byte before", "", func(m *Model) tea.Cmd { return m.moveByte(-1) }},
	{inBytes, []string{"enter"}, "goes to the field of the byte", "field", func(m *Model) tea.Cmd { return m.goTo(paneDetail) }},
	{inBytes, []string{"J"}, "goes to the next message", "next", func(m *Model) tea.Cmd { return m.moveList(1) }},
	{inBytes, []string{"K"}, "goes to the message before", "", func(m *Model) tea.Cmd { return m.moveList(-1) }},
}

var exchangeKeys = []binding{
	{inExchanges, []string{"enter"}, "opens the exchange", "open", func(m *Model) tea.Cmd { return m.goTo(paneLadder) }},
	{inExchanges, []string{"f"}, "filters by something of the exchange: a menu asks what", "filter", (*Model).byMessage},
	{inExchanges, []string{"e"}, "shows its request among the messages", "message", (*Model).fromExchange},
	{inExchanges, []string{"o"}, "sorts: a menu asks by what; chosen again, the other way round", "sort", (*Model).sortMenu},
	{inExchanges, []string{"E"}, "goes to the next that failed", "next error", func(m *Model) tea.Cmd { return m.nextFailed(1) }},
	{inExchanges, []string{"W"}, "goes to the one before that failed", "", func(m *Model) tea.Cmd { return m.nextFailed(-1) }},
	{inExchanges, []string{"l", "right"}, "moves the summaries to the left", "", func(m *Model) tea.Cmd { return m.shift(8) }},
	{inExchanges, []string{"h", "left"}, "moves them back", "", func(m *Model) tea.Cmd { return m.shift(-8) }},
	{inExchanges, []string{"space"}, "stops the display of a live list, not the capture, and lets it go on", "", (*Model).pause},
}

var ladderKeys = []binding{
	{inLadder, []string{"enter", "e"}, "shows the message in the list", "message", (*Model).fromLadder},
	{inLadder, []string{"f"}, "filters by something of the message: a menu asks what", "", (*Model).byRung},
	{inLadder, []string{"l", "right"}, "moves the messages to the left", "", func(m *Model) tea.Cmd { return m.shiftLadder(8) }},
	{inLadder, []string{"h", "left"}, "moves them back", "", func(m *Model) tea.Cmd { return m.shiftLadder(-8) }},
	{inLadder, []string{"J"}, "goes to the next exchange", "next", func(m *Model) tea.Cmd { return m.moveList(1) }},
	{inLadder, []string{"K"}, "goes to the exchange before", "", func(m *Model) tea.Cmd { return m.moveList(-1) }},
}

var findingKeys = []binding{
	{inFindings, []string{"enter"}, "goes to the message that the finding is about", "message", (*Model).fromFinding},
	{inFindings, []string{"f"}, "filters by the finding: a menu asks how", "filter", (*Model).byFinding},
	{inFindings, []string{"l", "right"}, "moves the findings to the left", "", func(m *Model) tea.Cmd { return m.shift(8) }},
	{inFindings, []string{"h", "left"}, "moves them back", "", func(m *Model) tea.Cmd { return m.shift(-8) }},
}

var statsKeys = []binding{
	{inStats, []string{"enter"}, "shows the messages that the row counts", "messages", (*Model).openStats},
	{inStats, []string{"f"}, "filters by the row: a menu asks how", "filter", (*Model).filterStats},
	{inStats, []string{"o"}, "sorts by messages, bytes or name", "sort", (*Model).nextStatsOrder},
	{inStats, []string{"l", "right"}, "goes to the column on the right", "", func(m *Model) tea.Cmd { return m.otherColumn(1) }},
	{inStats, []string{"h", "left"}, "goes to the column on the left", "", func(m *Model) tea.Cmd { return m.otherColumn(-1) }},
}

var allKeys = []binding{
	{everywhere, []string{"1"}, "shows the messages", "", do(func(m *Model) { m.show(viewMessages) })},
	{everywhere, []string{"2"}, "shows the exchanges: requests with their answers", "", do(func(m *Model) { m.show(viewExchanges) })},
	{everywhere, []string{"3"}, "shows what was found wrong", "", do(func(m *Model) { m.show(viewFindings) })},
	{everywhere, []string{"4"}, "shows the statistics", "", do(func(m *Model) { m.show(viewStats) })},
	{everywhere, []string{"tab"}, "goes to the next pane", "pane", func(m *Model) tea.Cmd { return m.cycle(1) }},
	{everywhere, []string{"shift+tab"}, "goes to the pane before", "", func(m *Model) tea.Cmd { return m.cycle(-1) }},
	{everywhere, []string{"esc"}, "goes back", "", (*Model).back},
	{everywhere, []string{"\\"}, "filters the messages; Tab takes what is offered", "filter", (*Model).startFilter},
	{everywhere, []string{"/"}, "finds text: in the list, or in the message where that has the keys; of a filter, asks whether it is meant", "find", (*Model).startFind},
	{everywhere, []string{"n"}, "goes to the next match", "", func(m *Model) tea.Cmd { return m.again(1) }},
	{everywhere, []string{"N"}, "goes to the match before", "", func(m *Model) tea.Cmd { return m.again(-1) }},
	{everywhere, []string{":"}, "takes a command; Tab completes it, :help lists them", "", func(m *Model) tea.Cmd { return m.ask(inputCommand, "") }},
	{everywhere, []string{"m"}, "and a letter marks the message", "", do(func(m *Model) { m.pending = "m"; m.say("mark the message as: a letter") })},
	{everywhere, []string{"'"}, "and a letter goes to a mark; twice, back to where it came from", "", do(func(m *Model) { m.pending = "'"; m.say("go to mark: a letter") })},
	{everywhere, []string{"C"}, "takes the message; on another one, shows both beside each other", "", (*Model).startCompare},
	{everywhere, []string{"r"}, "replays the exchange in a namespace of its own, after showing what is sent, and compares", "", (*Model).startReplay},
	{everywhere, []string{"y"}, "copies: a menu asks what", "copy", (*Model).copyMenu},
	{everywhere, []string{"s"}, "saves to a pcapng file: a menu asks what", "", (*Model).saveMenu},
	{everywhere, []string{"t"}, "changes how times are shown", "", (*Model).nextTime},
	{everywhere, []string{"T"}, "counts time from this message, or from the first again", "", (*Model).timeReference},
	{everywhere, []string{"+", "z"}, "shows the pane alone, or all of them", "", do(func(m *Model) { m.zoom = !m.zoom })},
	{everywhere, []string{"="}, "makes the pane larger", "", func(m *Model) tea.Cmd { return m.resize(4) }},
	{everywhere, []string{"-"}, "makes it smaller", "", func(m *Model) tea.Cmd { return m.resize(-4) }},
	{everywhere, []string{"x"}, "hides or shows the bytes", "", func(m *Model) tea.Cmd { return m.hide(paneBytes) }},
	{everywhere, []string{"v"}, "hides or shows the detail", "", func(m *Model) tea.Cmd { return m.hide(paneDetail) }},
	{everywhere, []string{"c"}, "changes the colours", "", (*Model).nextColours},
	{everywhere, []string{"?", "f1"}, "shows this help, in which / finds a text", "help", func(m *Model) tea.Cmd { return m.showHelp(false) }},
	{everywhere, []string{"F"}, "follows a file that grows: reads it again and waits at its end", "", (*Model).followFile},
	{everywhere, []string{"ctrl+z"}, "suspends; fg comes back", "", func(*Model) tea.Cmd { return tea.Suspend }},
	{everywhere, []string{"q", "ctrl+c"}, "quits", "quit", do(func(m *Model) { m.quit = true })},
}
