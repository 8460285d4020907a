package slacktest

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
)

// readMultipart takes the plain fields of a multipart body as arguments.
func (c *call) readMultipart(body []byte, boundary string) error {
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("invalid_form_data")
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return refuse("invalid_form_data")
		}
		c.args[part.FormName()] = string(value)
	}
}
