package robot

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	// maxLine is how long a line of a stream may be, maxStream all of it, in bytes.
	maxLine   = 256 << 10
	maxStream = 4 << 20
)

var errTooLong = errors.New("more than any answer can be")

// events calls event with the data of each event of a stream of server-sent events, until that says stop or the stream ends.
// What it returns is event's error, or why the stream could not be read.
func events(stream io.Reader, event func(data []byte) (stop bool, err error)) error {
	lines := bufio.NewScanner(io.LimitReader(stream, maxStream))
	lines.Buffer(nil, maxLine)
	lines.Split(splitLine)
	var data []byte
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 {
			if data == nil {
				continue
			}
			stop, err := event(data)
			if stop || err != nil {
				return err
			}
			data = nil
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if string(name) != "data" {
			continue // a comment, an id, a name
		}
		if data != nil {
			data = append(data, '\n')
		}
		data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
		if data == nil {
			data = []byte{}
		}
		if len(data) > maxLine {
			return errTooLong
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errTooLong
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF // it ended without its last word
}

// splitLine divides at LF, CR LF and CR, as the standard says of event streams.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0, data[i] == '\r' && i == len(data)-1 && !atEOF:
		return 0, nil, nil
	case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	}
	return i + 1, data[:i], nil
}
