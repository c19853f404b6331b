package otlp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority makes certificates that only who is told of it trusts.
type authority struct {
	dir, file string // where its certificate is
	cert      *x509.Certificate
	key       *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{dir: t.TempDir()}
	a.file, _, a.cert, a.key = a.issue(t, "ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue writes a certificate and its key to files.
func (a *authority) issue(t *testing.T, name string, c *x509.Certificate) (certFile, keyFile string, cert *x509.Certificate, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, c.Subject = big.NewInt(int64(len(name))), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(suffix, kind string, der []byte) string {
		file := filepath.Join(a.dir, name+suffix)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return write(".pem", "CERTIFICATE", der), write(".key", "EC PRIVATE KEY", secret), cert, key
}

// TestTLS: a collector with a certificate of its own authority, which wants one of
// whom it takes spans from, gets them from nobody else and by nobody else's word.
func TestTLS(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	certFile, keyFile, _, _ := ours.issue(t, "server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	clientCert, clientKey, _, _ := ours.issue(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	strangerCert, strangerKey, _, _ := other.issue(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(ours.cert)
	for name, test := range map[string]struct {
		authority, cert, key string
		told                 Told
		says                 string
		once                 bool // what the server says may get lost with the connection
	}{
		"well":               {ours.file, clientCert, clientKey, Told{Sent: 1}, "", true},
		"nobody's authority": {"", clientCert, clientKey, Told{Lost: 1}, "signed by unknown authority", true},
		"another authority":  {other.file, clientCert, clientKey, Told{Lost: 1}, "signed by unknown authority", true},
		"no certificate":     {ours.file, "", "", Told{Lost: 1}, "", false},
		"a stranger's":       {ours.file, strangerCert, strangerKey, Told{Lost: 1}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := unstarted(t)
			c.Config.ErrorLog = log.New(io.Discard, "", 0)
			c.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
			c.StartTLS()
			vars := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL}
			for name, value := range map[string]string{"CERTIFICATE": test.authority, "CLIENT_CERTIFICATE": test.cert, "CLIENT_KEY": test.key} {
				vars = append(vars, "OTEL_EXPORTER_OTLP_"+name+"="+value)
			}
			tries, said := 0, ""
			warn := func(err error) { said += err.Error() + "\n" }
			x := Start(Options{Warn: warn, Config: config(t, "env", vars...), Seed: []byte("s"), wait: func(context.Context, time.Duration) error { tries++; return nil }})
			e, f := refused(1)
			x.Exchange(e, f, 0)
			told, err := x.Close()
			if told != test.told || (err == nil) != (test.told.Lost == 0) || !strings.Contains(said, test.says) || (err == nil) != (said == "") {
				t.Errorf("%+v %v %q, want %+v %q", told, err, said, test.told, test.says)
			}
			if test.once != (tries == 0) {
				t.Errorf("waited %d times", tries)
			}
		})
	}
}
