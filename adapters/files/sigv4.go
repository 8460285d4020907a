package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Credentials are what an object store knows a program by.
type Credentials struct {
	AccessKey    string
	SecretKey    string
	SessionToken string // of temporary credentials; empty: they are not temporary
}

// noBytes is the SHA-256 of nothing.
const noBytes = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// sign signs a request that has no query, with AWS Signature Version 4 for S3. Every header it has by then is signed.
// payload is the SHA-256 of the body in hexadecimal.
func sign(req *http.Request, c Credentials, region, payload string, now time.Time) {
	now = now.UTC()
	req.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	req.Header.Set("X-Amz-Content-Sha256", payload)
	if c.SessionToken != "" {
		req.Header.Set("X-Amz-Security-Token", c.SessionToken)
	}
	names := []string{"host"}
	for name := range req.Header {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	signed := strings.Join(names, ";")

	canonical := req.Method + "\n" + req.URL.EscapedPath() + "\n\n"
	for _, name := range names {
		value := req.Host
		if name != "host" {
			value = strings.TrimSpace(req.Header.Get(name))
		}
		canonical += name + ":" + value + "\n"
	}
	canonical += "\n" + signed + "\n" + payload

	scope := now.Format("20060102") + "/" + region + "/s3/aws4_request"
	hash := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + now.Format("20060102T150405Z") + "\n" + scope + "\n" + hex.EncodeToString(hash[:])
	key := []byte("AWS4" + c.SecretKey)
	for step := range strings.SplitSeq(scope, "/") {
		key = keyed(key, step)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.AccessKey+"/"+scope+
		",SignedHeaders="+signed+",Signature="+hex.EncodeToString(keyed(key, text)))
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
