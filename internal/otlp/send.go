package otlp

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	firstPause, longestPause = time.Second, 30 * time.Second
	// patience is how long one batch is tried; of a file, somebody waits for it.
	patience, filePatience = 5 * time.Minute, 30 * time.Second
	// maxAnswer bounds what is read of a collector's answer.
	maxAnswer = 64 << 10
)

// send delivers one request and returns how much of it the collector rejected.
func (x *Exporter) send(signal string, m proto.Message) (rejected uint64, err error) {
	if x.o.Lines != nil {
		b, err := toJSON(m)
		if err != nil {
			return 0, err
		}
		return 0, x.writeLine(b)
	}
	c := x.o.Config
	var body []byte
	kind := "application/x-protobuf"
	if c.json {
		kind = "application/json"
		body, err = toJSON(m)
	} else {
		body, err = proto.Marshal(m)
	}
	if err != nil {
		return 0, err
	}
	if c.gzip {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		w.Write(body)
		w.Close()
		body = z.Bytes()
	}
	target := map[string]string{"traces": c.traces, "logs": c.logs, "metrics": c.metrics}[signal]
	most := patience
	switch {
	case x.gaveUp:
		most = 0
	case !x.o.Live:
		most = filePatience
	}
	for pause, spent := firstPause, time.Duration(0); ; pause = min(2*pause, longestPause) {
		rejected, after, err := x.try(signal, target, kind, body)
		if err == nil || after < 0 {
			return rejected, err
		}
		if after == 0 {
			after = pause/2 + rand.N(pause) // so that a fleet does not come back as one
		}
		if spent += after; spent > most || x.o.wait(x.ctx, after) != nil {
			x.gaveUp = !x.o.Live
			return 0, err
		}
		x.warn(fmt.Errorf("%w; trying again", err))
	}
}

// try sends a request once. after is when to try again: 0 if it does not matter, less
// if there is no use.
func (x *Exporter) try(signal, target, kind string, body []byte) (rejected uint64, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(x.ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, -1, err
	}
	req.Header = x.o.Config.headers[signal].Clone()
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", "nlsniff/"+x.o.Version)
	if x.o.Config.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := x.o.Config.client.Do(req)
	if err != nil {
		var untrusted *tls.CertificateVerificationError
		if x.ctx.Err() != nil || errors.As(err, &untrusted) {
			return 0, -1, err // nothing better comes of another try
		}
		return 0, 0, err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300:
		rejected, message := partial(answer, resp.Header.Get("Content-Type"))
		if rejected > 0 || message != "" {
			x.warn(fmt.Errorf("the collector rejects %d of a request's %s: %s", rejected, signal, message))
		}
		return rejected, 0, nil
	case s == http.StatusTooManyRequests || s == http.StatusBadGateway || s == http.StatusServiceUnavailable || s == http.StatusGatewayTimeout:
		return 0, retryAfter(resp.Header.Get("Retry-After"), time.Now()), fmt.Errorf("%s: %s", req.URL.Redacted(), resp.Status)
	default:
		return 0, -1, fmt.Errorf("%s: %s", req.URL.Redacted(), resp.Status)
	}
}

// retryAfter reads seconds or a date; 0 is neither.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, patience)
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return min(t.Sub(now), patience)
	}
	return 0
}

// partial reads what the answers for all signals have alike: partial_success = 1
// with the number of rejected ones = 1 and a message = 2.
func partial(answer []byte, kind string) (rejected uint64, message string) {
	if strings.HasPrefix(kind, "application/json") {
		var v struct {
			PartialSuccess map[string]any `json:"partialSuccess"`
		}
		if json.Unmarshal(answer, &v) != nil {
			return 0, ""
		}
		for name, value := range v.PartialSuccess {
			if name == "errorMessage" {
				message, _ = value.(string)
			} else {
				rejected, _ = strconv.ParseUint(fmt.Sprint(value), 10, 64)
			}
		}
		return rejected, message
	}
	inner, _ := member(answer, 1, protowire.BytesType)
	_, rejected = member(inner, 1, protowire.VarintType)
	text, _ := member(inner, 2, protowire.BytesType)
	return rejected, string(text)
}

// member finds a member of a protobuf message.
func member(b []byte, want protowire.Number, as protowire.Type) (text []byte, number uint64) {
	for len(b) > 0 {
		no, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, 0
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(no, typ, b)
		if size < 0 {
			return nil, 0
		}
		if no == want && typ == as {
			if as == protowire.BytesType {
				text, _ = protowire.ConsumeBytes(b)
			} else {
				number, _ = protowire.ConsumeVarint(b)
			}
			return text, number
		}
		b = b[size:]
	}
	return nil, 0
}

// toJSON writes a message as OTLP has it, which is not quite protobuf's own way:
// ids are in hexadecimal, and enums are numbers.
func toJSON(m proto.Message) ([]byte, error) {
	b, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	b = hexIDs(b)
	// protobuf puts spaces here and there, so that nobody counts on them.
	var out bytes.Buffer
	err = json.Compact(&out, b)
	return out.Bytes(), err
}

// hexIDs rewrites the ids, which protobuf has in base64. In a text the quotes around
// such a name would have backslashes.
func hexIDs(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	for {
		at := bytes.Index(b, []byte(`Id":`))
		if at < 0 {
			return append(out, b...)
		}
		head := b[:at]
		out, b = append(out, b[:at+4]...), b[at+4:]
		if !bytes.HasSuffix(head, []byte(`"trace`)) && !bytes.HasSuffix(head, []byte(`"span`)) {
			continue
		}
		value := bytes.TrimLeft(b, " ")
		end := bytes.IndexByte(value[min(1, len(value)):], '"') + 1
		if end < 1 || value[0] != '"' {
			continue
		}
		id, err := base64.StdEncoding.DecodeString(string(value[1:end]))
		if err == nil {
			out, b = fmt.Appendf(out, `"%x"`, id), value[end+1:]
		}
	}
}
