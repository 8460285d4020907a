package telegram

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

func refused(code int, message string) *tgbotapi.Error {
	return &tgbotapi.Error{Code: code, Message: message}
}

func TestJudge(t *testing.T) {
	limited := refused(429, "Too Many Requests: retry after 7")
	limited.RetryAfter = 7
	for _, c := range []struct {
		err     error
		verdict bridge.Verdict
		public  string // in it
	}{
		{refused(403, "Forbidden: bot was blocked by the user"), bridge.GiveUp, "blocked the bot"},
		{refused(403, "Forbidden: user is deactivated"), bridge.GiveUp, "no longer exists"},
		{refused(403, "Forbidden: bot can't initiate conversation with a user"), bridge.GiveUp, "has not opened"},
		{refused(403, "Forbidden: something new"), bridge.GiveUp, "does not let"},
		{refused(400, "Bad Request: chat not found"), bridge.GiveUp, "cannot be reached"},
		{refused(400, "Bad Request: PEER_ID_INVALID"), bridge.GiveUp, "cannot be reached"},
		{refused(400, "Bad Request: message can't be deleted for everyone"), bridge.GiveUp, "older than 48 hours"},
		{refused(400, "Bad Request: message is too long"), bridge.GiveUp, "too long"},
		{refused(400, "Bad Request: message caption is too long"), bridge.GiveUp, "too long"},
		{refused(400, "Bad Request: message text is empty"), bridge.GiveUp, "empty"},
		{refused(400, "Bad Request: file must be non-empty"), bridge.GiveUp, "empty"},
		{refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), bridge.GiveUp, "picture"},
		{refused(413, "Request Entity Too Large"), bridge.GiveUp, "too large"},
		{refused(400, "Bad Request: something new"), bridge.GiveUp, "refused"},
		{limited, bridge.Wait, "wait"},
		{refused(429, "Too Many Requests"), bridge.Wait, "wait"},
		{refused(401, "Unauthorized"), bridge.Wait, "token"},
		{refused(404, "Not Found"), bridge.Wait, "token"},
		{refused(409, "Conflict: terminated by other getUpdates request"), bridge.Retry, "Another program"},
		{refused(409, "Conflict: can't use getUpdates method while webhook is active"), bridge.Retry, "webhook"},
		{refused(500, "Internal Server Error"), bridge.Unsure, "fault"},
		{errStatus(502), bridge.Unsure, "fault"},
		{errStatus(429), bridge.Wait, "wait"},
		{errStatus(413), bridge.GiveUp, "too large"},
		{errStatus(403), bridge.Wait, "proxy"},
		{errStatus(302), bridge.Wait, "proxy"},
		{errStatus(200), bridge.Unsure, "fault"},
		{context.DeadlineExceeded, bridge.Unsure, "answer"},
		{io.ErrUnexpectedEOF, bridge.Unsure, "answer"},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, bridge.Retry, "reached"},
		{&net.DNSError{Err: "no such host"}, bridge.Retry, "reached"},
	} {
		f := failure("sendMessage", c.err)
		if f.Verdict != c.verdict || !strings.Contains(f.Public, c.public) || f.Err == nil {
			t.Errorf("%v: judged %q %q (%v), want %q with %q", c.err, f.Verdict, f.Public, f.Err, c.verdict, c.public)
		}
		if strings.Contains(f.Public, "token") && (!f.Refused || !f.Whole) {
			t.Errorf("%v does not hold the endpoint back: %+v", c.err, f)
		}
	}
	if f := failure("sendMessage", limited); f.After != 7*time.Second {
		t.Errorf("asked to wait 7 s, the failure says %v", f.After)
	}
}

// The library forgets the code of what it uploads, and the status of what is not JSON.
func TestExplain(t *testing.T) {
	trip := &trip{status: 403}
	if err := trip.explain(refused(0, "Forbidden: bot was blocked by the user")); !isCode(err, 403) {
		t.Errorf("an upload's error is %v, want its code", err)
	}
	if err := trip.explain(errors.New("invalid character '<'")); !errors.Is(err, errStatus(403)) {
		t.Errorf("an answer that is not JSON is %v, want its status", err)
	}
	if err := trip.explain(refused(400, "Bad Request")); !isCode(err, 400) {
		t.Errorf("a code that is there became %v", err)
	}
}

func TestDescriptionsShowNoText(t *testing.T) {
	got := failure("sendMessage", refused(400, "Bad Request: can't parse \"<b>secret\x1b\n\" "+strings.Repeat("x", 500))).Err.Error()
	if strings.ContainsAny(got, "<>\"\x1b\n") || len(got) > 200 {
		t.Errorf("the error is %q", got)
	}
}
