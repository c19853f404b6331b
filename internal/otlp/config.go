package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Config says where telemetry goes, and how. The OTEL_ variables that the
// specification of OpenTelemetry's exporters has are honoured.
type Config struct {
	traces, logs, metrics string // URLs
	headers               map[string]http.Header
	gzip, json            bool
	client                *http.Client

	Ratio    float64 // of exchanges that are sent
	Queue    int     // spans that may wait
	Batch    int     // spans sent together
	Delay    time.Duration
	Interval time.Duration // of metrics
	Timeout  time.Duration // of one request, and of what is left at the end
	Limit    int           // bytes of a text
	Off      bool          // OTEL_SDK_DISABLED

	attrs map[string]string // of the resource
}

// signals are the names that variables and paths have.
var signals = []string{"traces", "logs", "metrics"}

// NewConfig takes the URL of a collector, or "env" where the variables, or their
// defaults, say it. getenv is os.Getenv.
func NewConfig(target string, getenv func(string) string) (*Config, error) {
	e := env{get: getenv}
	c := &Config{
		Ratio: 1, Queue: e.number("OTEL_BSP_MAX_QUEUE_SIZE", 8192), Batch: e.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512),
		Delay: e.millis("OTEL_BSP_SCHEDULE_DELAY", 5*time.Second), Interval: e.millis("OTEL_METRIC_EXPORT_INTERVAL", time.Minute),
		Timeout: e.millis("OTEL_EXPORTER_OTLP_TIMEOUT", 10*time.Second), Limit: e.number("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", 1024),
		Off: strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true"), headers: map[string]http.Header{},
	}
	c.Batch = min(c.Batch, c.Queue)
	switch s, arg := getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG"); s {
	case "", "always_on", "parentbased_always_on":
	case "always_off", "parentbased_always_off":
		c.Ratio = 0
	case "traceidratio", "parentbased_traceidratio":
		r, err := strconv.ParseFloat(arg, 64)
		if err != nil || !(r >= 0 && r <= 1) {
			return nil, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG=%q is no number from 0 to 1", arg)
		}
		c.Ratio = r
	default:
		return nil, fmt.Errorf("OTEL_TRACES_SAMPLER=%q: always_on, always_off and traceidratio can be had", s)
	}
	switch s := e.first("OTEL_EXPORTER_OTLP_COMPRESSION"); s {
	case "", "gzip":
		c.gzip = true
	case "none":
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_COMPRESSION=%q: gzip and none can be had", s)
	}
	switch s := e.first("OTEL_EXPORTER_OTLP_PROTOCOL"); s {
	case "", "http/protobuf":
	case "http/json":
		c.json = true
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL=%q: http/protobuf and http/json can be had", s)
	}
	if err := c.setURLs(target, &e); err != nil {
		return nil, err
	}
	for _, s := range signals {
		h := http.Header{}
		for _, list := range []string{getenv("OTEL_EXPORTER_OTLP_HEADERS"), getenv("OTEL_EXPORTER_OTLP_" + strings.ToUpper(s) + "_HEADERS")} {
			pairs, err := baggage(list)
			if err != nil {
				return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: %w", err)
			}
			for k, v := range pairs {
				h.Set(k, v)
			}
		}
		c.headers[s] = h
	}
	attrs, err := baggage(getenv("OTEL_RESOURCE_ATTRIBUTES"))
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	c.attrs = attrs
	if name := getenv("OTEL_SERVICE_NAME"); name != "" {
		c.attrs["service.name"] = name
	}
	if err := c.setClient(getenv); err != nil {
		return nil, err
	}
	return c, e.err
}

// setURLs finds out where each signal goes.
func (c *Config) setURLs(target string, e *env) error {
	base := target
	if target == "env" {
		if base = e.get("OTEL_EXPORTER_OTLP_ENDPOINT"); base == "" {
			base = "http://localhost:4318"
		}
	}
	for i, to := range []*string{&c.traces, &c.logs, &c.metrics} {
		*to = strings.TrimRight(base, "/") + "/v1/" + signals[i]
		if own := e.get("OTEL_EXPORTER_OTLP_" + strings.ToUpper(signals[i]) + "_ENDPOINT"); own != "" && target == "env" {
			*to = own
		}
		u, err := url.Parse(*to)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is no URL of a collector", base)
		}
	}
	return nil
}

func (c *Config) setClient(getenv func(string) string) error {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if file := getenv("OTEL_EXPORTER_OTLP_CERTIFICATE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s has no certificate", file)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if cert, key := getenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"), getenv("OTEL_EXPORTER_OTLP_CLIENT_KEY"); cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return err
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	c.client = &http.Client{
		Transport: t, Timeout: c.Timeout,
		// Headers have tokens, which are for the URL that was given.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

// env reads variables and remembers the first mistake.
type env struct {
	get func(string) string
	err error
}

func (e *env) number(name string, none int) int {
	s := e.get(name)
	if s == "" {
		return none
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1<<20 {
		if e.err == nil {
			e.err = fmt.Errorf("%s=%q is no number from 1 to %d", name, s, 1<<20)
		}
		return none
	}
	return n
}

func (e *env) millis(name string, none time.Duration) time.Duration {
	return time.Duration(e.number(name, int(none/time.Millisecond))) * time.Millisecond
}

// first is the value for all signals, or that for traces.
func (e *env) first(name string) string {
	if s := e.get(strings.Replace(name, "OTLP_", "OTLP_TRACES_", 1)); s != "" {
		return s
	}
	return e.get(name)
}

// baggage reads key=value,key=value with percent-encoded values.
func baggage(s string) (map[string]string, error) {
	m := map[string]string{}
	for pair := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		k, v, ok := strings.Cut(pair, "=")
		v, err := url.PathUnescape(strings.TrimSpace(v))
		if k = strings.TrimSpace(k); !ok || k == "" || err != nil {
			return nil, fmt.Errorf("%q is no key=value", k) // the value may be a token
		}
		m[k] = v
	}
	return m, nil
}
