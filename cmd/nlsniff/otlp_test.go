package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestOTLP: every exchange of a capture arrives once, each finding at its span, and
// no key.
func TestOTLP(t *testing.T) {
	for _, name := range []string{"wireguard", "strongswan", "radio_wifi", "nft_all"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			spans, logs, all := map[string]*tracepb.Span{}, 0, []byte(nil)
			n := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				z, err := gzip.NewReader(r.Body)
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(z)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, b...)
				switch r.URL.Path {
				case "/v1/traces":
					var d tracepb.TracesData
					if err := proto.Unmarshal(b, &d); err != nil {
						t.Error(err)
					}
					for _, s := range d.ResourceSpans[0].ScopeSpans[0].Spans {
						spans[string(s.SpanId)] = s
						n++
					}
				case "/v1/logs":
					var d logspb.LogsData
					if err := proto.Unmarshal(b, &d); err != nil {
						t.Error(err)
					}
					for _, l := range d.ResourceLogs[0].ScopeLogs[0].LogRecords {
						if s := spans[string(l.SpanId)]; s == nil || !bytes.Equal(s.TraceId, l.TraceId) {
							t.Errorf("%s has no span", l.EventName)
						}
						logs++
					}
				}
			}))
			defer srv.Close()
			file := filepath.Join("../../testdata/pcaps", name+".pcap")
			nlsniff := func(args ...string) string {
				t.Helper()
				var out, stderr bytes.Buffer
				if code := run(append([]string{"read", file}, args...), strings.NewReader(""), &out, &stderr); code != 0 {
					t.Fatalf("%v: %d %s", args, code, stderr.Bytes())
				}
				return out.String()
			}
			nlsniff("--otlp", srv.URL)
			// "12 exchanges: ..." counts them in another way.
			var want int
			if _, err := fmt.Sscan(nlsniff("--exchanges", "-q"), &want); err != nil {
				t.Fatal(err)
			}
			if n != want || len(spans) != want || logs == 0 {
				t.Errorf("%d spans with %d ids, want %d; %d logs", n, len(spans), want, logs)
			}
			keys := 0
			for _, f := range []string{"WGDEVICE_A_PRIVATE_KEY", "WGPEER_A_PRESHARED_KEY"} {
				for _, k := range strings.Fields(nlsniff("--show-secrets", "-T", "fields", "-e", f)) {
					b, err := base64.StdEncoding.DecodeString(k)
					if err != nil || len(b) != 32 || bytes.Equal(b, make([]byte, 32)) {
						continue
					}
					keys++
					for _, form := range []string{k, string(b), hex.EncodeToString(b)} {
						if bytes.Contains(all, []byte(form)) {
							t.Errorf("key %s was sent", k)
						}
					}
				}
			}
			if name == "wireguard" && keys == 0 {
				t.Error("no key to look for")
			}
		})
	}
}
