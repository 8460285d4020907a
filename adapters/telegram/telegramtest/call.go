package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxUpload is what one file may weigh, maxBody what one request may
// (https://core.telegram.org/bots/api#sending-files).
const (
	maxUpload = 50 << 20
	maxBody   = 10*maxUpload + 1<<20
	maxForm   = 1 << 20
)

// call is one request on its way through a method.
type call struct {
	name   string
	args   map[string]string          // JSON values that are no strings are kept as their JSON text
	raw    map[string]json.RawMessage // of a JSON body
	files  map[string]upload          // parts of a multipart body that have a file name
	at     time.Time
	chat   int64 // as resolved, for the log and the limits
	sentID int64 // the message made or named, for the log
}

// upload is one uploaded file.
type upload struct {
	name, mime string
	data       []byte
}

// readCall takes the parameters from the query and from a body in any of the three documented
// forms (https://core.telegram.org/bots/api#making-requests).
func readCall(r *http.Request) (*call, error) {
	c := &call{name: r.PathValue("method"), args: map[string]string{}, files: map[string]upload{}, at: time.Now()}
	if err := c.readBody(r); err != nil {
		return nil, err
	}
	for name, values := range r.URL.Query() {
		c.args[name] = values[0]
	}
	chat := c.args["chat_id"]
	c.chat, _ = strconv.ParseInt(chat, 10, 64)
	return c, nil
}

func (c *call) readBody(r *http.Request) error {
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType == "multipart/form-data" {
		return c.readMultipart(http.MaxBytesReader(nil, r.Body, maxBody), params["boundary"])
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxForm))
	switch {
	case err != nil:
		return tooLarge()
	case len(body) == 0:
		return nil
	case mediaType == "application/json":
		return c.readJSON(body)
	case mediaType == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return refuse("can't parse request body")
		}
		for name, v := range values {
			c.args[name] = v[0]
		}
		return nil
	}
	return refuse("unsupported content type")
}

func (c *call) readJSON(body []byte) error {
	if err := json.Unmarshal(body, &c.raw); err != nil {
		return refuse("can't parse request body as JSON")
	}
	for name, raw := range c.raw {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			c.args[name] = text
		default:
			c.args[name] = string(raw)
		}
	}
	return nil
}

func (c *call) readMultipart(body io.Reader, boundary string) error {
	reader := multipart.NewReader(body, boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bodyError(err)
		}
		limit := int64(maxForm)
		if part.FileName() != "" {
			limit = maxUpload
		}
		var data bytes.Buffer
		n, err := data.ReadFrom(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return bodyError(err)
		case n > limit:
			return tooLarge()
		case part.FileName() != "":
			c.files[part.FormName()] = upload{name: part.FileName(), mime: part.Header.Get("Content-Type"), data: data.Bytes()}
		default:
			c.args[part.FormName()] = data.String()
		}
	}
}

func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge()
	}
	return refuse("can't parse multipart request body")
}

func (c *call) get(name string) string { return c.args[name] }
func (c *call) has(name string) bool   { return c.args[name] != "" }
func (c *call) flag(name string) bool  { return c.args[name] == "true" || c.args[name] == "1" }

// number reads an integer argument; absent is the default.
func (c *call) number(name string, def int64) (int64, error) {
	if !c.has(name) {
		return def, nil
	}
	n, err := strconv.ParseInt(c.args[name], 10, 64)
	if err != nil {
		return 0, refuse("can't parse " + name + " as an integer")
	}
	return n, nil
}

// decode reads a JSON argument into v; absent leaves v as it is.
func (c *call) decode(name string, v any) error {
	if !c.has(name) {
		return nil
	}
	if err := json.Unmarshal([]byte(c.args[name]), v); err != nil {
		return refuse("can't parse " + strings.ReplaceAll(name, "_", " ") + " JSON object")
	}
	return nil
}
