package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Examiner = (*Adapter)(nil)

// Examine implements bridge.Examiner. Nothing is written in Slack.
func (a *Adapter) Examine(ctx context.Context) []bridge.Finding {
	who, err := a.authTest(ctx)
	if err != nil {
		return append([]bridge.Finding{amiss("auth.test", err)}, a.examineReceiving(ctx, "")...)
	}
	findings := []bridge.Finding{
		fine("The bot token is good: it is %s's in the workspace %s.", who.User, who.Team),
		examineScopes(who.Header.Get("X-OAuth-Scopes")),
	}
	findings = append(findings, a.examineReceiving(ctx, who.BotID)...)
	findings = append(findings, a.examineChannel(ctx, "channel", a.cfg.Channel, who.User))
	if a.cfg.Colleagues != "" {
		findings = append(findings, a.examineChannel(ctx, "colleagues", a.cfg.Colleagues, who.User))
	}
	return findings
}

func fine(format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: bridge.Fine, Public: fmt.Sprintf(format, args...)}
}

func fix(format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: bridge.Amiss, Public: fmt.Sprintf(format, args...)}
}

// amiss says why a call was refused, or that Slack could not be asked and why.
func amiss(method string, err error) bridge.Finding {
	return trouble(failure(method, err))
}

func trouble(f *bridge.Failure) bridge.Finding {
	switch {
	case f.Refused:
		return fix("%s", f.Public)
	case f.Verdict == bridge.GiveUp:
		return fix("Slack refuses to tell (%s). Compare the app with `skein manifest slack`.", f.Err)
	}
	return fix("%s Look at the network, the proxy and api_url, and check again (%s).", f.Public, f.Err)
}

func (a *Adapter) authTest(ctx context.Context) (*slackgo.AuthTestResponse, error) {
	ctx, cancel := a.deadline(ctx)
	defer cancel()
	return a.api.AuthTestContext(ctx)
}

func examineScopes(granted string) bridge.Finding {
	if granted == "" {
		return bridge.Finding{Grade: bridge.Aside, Public: "Slack does not say which permissions the bot token has. Compare them with `skein manifest slack`."}
	}
	if advice := missingScopes(granted); advice != "" {
		return fix("%s They are under OAuth & Permissions; `skein manifest slack` has them all.", advice)
	}
	return fine("The app has all %d permissions of the manifest.", len(botScopes))
}

// examineReceiving proves that events can reach us; bot is the id of our bot, "" if it is not known.
func (a *Adapter) examineReceiving(ctx context.Context, bot string) []bridge.Finding {
	if a.cfg.AppToken == "" {
		return []bridge.Finding{{Grade: bridge.Aside, Public: "The signing secret cannot be proven from here. " +
			"When Skein runs, let Slack verify the request URL under Event Subscriptions."}}
	}
	app, err := a.greeted(ctx)
	if err != nil {
		return []bridge.Finding{trouble(socketFailure(err))}
	}
	if ours := a.appOf(ctx, bot); app != "" && ours != "" && app != ours {
		return []bridge.Finding{fix("app_token belongs to another app (%s) than bot_token (%s). Take both from the same app.", codeText(app), codeText(ours))}
	}
	return []bridge.Finding{fine("The app token opens a connection: Socket Mode is on.")}
}

// greeted opens a connection, waits to be greeted and closes it. Slack may send an event meanwhile; it does not count
// as received by us, and Slack sends it again over another connection. app is the id of the token's app.
func (a *Adapter) greeted(ctx context.Context) (app string, err error) {
	ctx, cancel := a.deadline(ctx)
	defer cancel()
	_, address, err := a.api.StartSocketModeContext(ctx)
	if err != nil {
		return "", err
	}
	dialer := websocket.Dialer{HandshakeTimeout: a.cfg.Timeout, Proxy: websocket.DefaultDialer.Proxy}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil {
		return "", bare(err)
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetReadDeadline(deadline)
	}
	var hello struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
		Info   struct {
			App string `json:"app_id"`
		} `json:"connection_info"`
	}
	_, frame, err := conn.ReadMessage()
	if err != nil {
		return "", bare(err)
	}
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	switch err := json.Unmarshal(frame, &hello); {
	case err != nil:
		return "", errors.New("the greeting is not JSON")
	case hello.Type == "disconnect" && hello.Reason == "link_disabled":
		return "", &bridge.Failure{Refused: true, Err: errors.New("socket mode is off")}
	case hello.Type != "hello":
		return "", fmt.Errorf("no greeting but %s %s", codeText(hello.Type), codeText(hello.Reason))
	}
	return hello.Info.App, nil
}

// appOf asks which app a bot belongs to; "" when it is not told.
func (a *Adapter) appOf(ctx context.Context, bot string) string {
	if bot == "" {
		return ""
	}
	var answer struct {
		Bot struct {
			App string `json:"app_id"`
		} `json:"bot"`
	}
	if err := a.call(ctx, "bots.info", url.Values{"bot": {bot}}, &answer); err != nil {
		return ""
	}
	return answer.Bot.App
}

// examineChannel proves that the app is in a channel and may read threads there. Whether it may write cannot be proven
// without writing.
func (a *Adapter) examineChannel(ctx context.Context, key, channel, bot string) bridge.Finding {
	about := func(f bridge.Finding) bridge.Finding {
		f.Public = fmt.Sprintf("%s %s: %s", key, channel, f.Public)
		return f
	}
	info, err := a.channelInfo(ctx, channel)
	switch {
	case err != nil:
		return about(amiss("conversations.info", err))
	case info.Archived:
		return about(fix("%s", adviseArchive))
	case !info.Member:
		return about(fix("The app is not in #%s. Write there: /invite @%s", info.Name, bot))
	}
	if err := a.readThread(ctx, channel); err != nil {
		return about(amiss("conversations.replies", err))
	}
	return about(fine("the app is in #%s and may read its threads.", info.Name))
}

// readThread reads the newest message as a thread, if there is a message.
func (a *Adapter) readThread(ctx context.Context, channel string) error {
	var newest struct {
		Messages []struct {
			TS string `json:"ts"`
		} `json:"messages"`
	}
	err := a.call(ctx, "conversations.history", url.Values{"channel": {channel}, "limit": {"1"}}, &newest)
	if err != nil || len(newest.Messages) == 0 {
		return err
	}
	args := url.Values{"channel": {channel}, "ts": {newest.Messages[0].TS}, "limit": {"1"}}
	err = a.call(ctx, "conversations.replies", args, &struct{}{})
	if isCode(err, "thread_not_found") { // it was deleted just now, or stands in no thread of its own
		return nil
	}
	return err
}
