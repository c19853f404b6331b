// Package sqltest runs the statements of docs/sql.md against the real DuckDB. It is
// a module of its own, as DuckDB is 50 MB and needs a C++ compiler's libraries.
package sqltest

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

var update = flag.Bool("update", false, "write what DuckDB prints into docs/sql.md")

const doc = "../docs/sql.md"

// TestStatements: each statement runs, and prints what the page says.
func TestStatements(t *testing.T) {
	page, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tables(t, dir)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	// Nothing from the network, and files from where the tables are.
	for _, s := range []string{"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false", "SET file_search_path = '" + dir + "'", "SET TimeZone = 'UTC'"} {
		if _, err := db.Exec(s); err != nil {
			t.Logf("%s: %v", s, err)
		}
	}
	t.Chdir(dir)

	var out strings.Builder
	rest, statements, asked := string(page), 0, 0
	for {
		before, after, ok := strings.Cut(rest, "```sql\n")
		out.WriteString(before)
		if !ok {
			break
		}
		statement, after, _ := strings.Cut(after, "```\n")
		out.WriteString("```sql\n" + statement + "```\n")
		statements++
		printed, rows := query(t, db, statement)
		if strings.HasPrefix(statement, "SELECT") {
			asked++
			if rows == 0 {
				t.Errorf("no row answers\n%s", statement)
			}
			// What stands behind it was printed before.
			if old, ok := strings.CutPrefix(after, "\n```\n"); ok {
				_, after, _ = strings.Cut(old, "```\n")
			}
			out.WriteString("\n```\n" + printed + "```\n")
		}
		rest = after
	}
	if statements < 14 || asked < 11 {
		t.Errorf("%d statements, %d questions", statements, asked)
	}
	if got := out.String(); got != string(page) {
		if *update {
			if err := os.WriteFile(filepath.Join(start, doc), []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		a, b := strings.Split(got, "\n"), strings.Split(string(page), "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("docs/sql.md, line %d (-update writes it)\ngot  %q\nwant %q", i+1, a[i], b[min(i, len(b)-1)])
			}
		}
		t.Fatal("docs/sql.md has more than DuckDB prints")
	}
	check(t, db)
}

var start, _ = os.Getwd()

// tables makes the files that the page begins with.
func tables(t *testing.T, dir string) {
	t.Helper()
	bin := filepath.Join(dir, "nlsniff")
	if out, err := exec.Command("go", "-C", "..", "build", "-o", bin, "./cmd/nlsniff").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for table, flags := range map[string][]string{"exchanges": {"--exchanges"}, "messages": nil} {
		if err := os.Mkdir(filepath.Join(dir, table), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, capture := range []string{"pcaps/tour.pcapng", "pcaps/route_links.pcap", "monitors/monitors.pcap"} {
			out, err := exec.Command(bin, append([]string{"read", "-T", "jsonl", "../testdata/" + capture}, flags...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(filepath.Base(capture), filepath.Ext(capture)) + ".jsonl"
			if err := os.WriteFile(filepath.Join(dir, table, name), out, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// query returns what a statement prints as a table of text, and its rows.
func query(t *testing.T, db *sql.DB, statement string) (string, int) {
	t.Helper()
	if !strings.HasPrefix(statement, "SELECT") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		return "", 0
	}
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	table := [][]string{columns}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		cells := make([]string, len(columns))
		for i, v := range values {
			switch v := v.(type) {
			case nil:
				cells[i] = "NULL"
			case time.Time:
				cells[i] = v.UTC().Format(time.DateTime)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		table = append(table, cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
	width := make([]int, len(columns))
	for _, r := range table {
		for i, c := range r {
			width[i] = max(width[i], len(c))
		}
	}
	var out strings.Builder
	for _, r := range table {
		var line string
		for i, c := range r {
			line += fmt.Sprintf("%-*s  ", width[i], c)
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return out.String(), len(table) - 1
}

// check compares some numbers with the lines themselves: a schema that misses a key
// has NULL there, and no error.
func check(t *testing.T, db *sql.DB) {
	t.Helper()
	lines := func(table, has string) (n int) {
		files, _ := filepath.Glob(table + "/*.jsonl")
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for l := range bytes.Lines(b) {
				if bytes.Contains(l, []byte(has)) {
					n++
				}
			}
		}
		return n
	}
	for statement, want := range map[string]int{
		"SELECT count(*) FROM exchanges":                                                       lines("exchanges", "{"),
		"SELECT count(*) FROM exchanges WHERE NOT ok":                                          lines("exchanges", `"ok":false`),
		"SELECT count(*) FROM exchanges WHERE dump":                                            lines("exchanges", `"dump":true`),
		"SELECT count(latency_ns) FROM exchanges":                                              lines("exchanges", `"latency_ns":`),
		"SELECT count(process.comm) FROM exchanges":                                            lines("exchanges", `"comm":`),
		"SELECT count(*) FROM exchanges WHERE len(why) > 0":                                    lines("exchanges", `"why":[`),
		"SELECT count(answer.error.ext_ack.msg) FROM exchanges":                                lines("exchanges", `"ext_ack":{"msg":`),
		"SELECT count(*) FROM messages":                                                        lines("messages", "{"),
		"SELECT count(*) FROM messages WHERE genl.family = 'nlctrl'":                           lines("messages", `"genl":{"family":"nlctrl"`),
		"SELECT count(*) FROM read_parquet('lake/*/*/*.parquet') WHERE latency_ns IS NOT NULL": lines("exchanges", `"latency_ns":`),
	} {
		var n int
		if err := db.QueryRow(statement).Scan(&n); err != nil || n != want || n == 0 {
			t.Errorf("%s: %d, want %d (%v)", statement, n, want, err)
		}
	}
}
