package discord_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// gatewayEvents are all that Discord, or the library, knows (D:events/gateway-events#receive-events).
var gatewayEvents = strings.Fields(`APPLICATION_COMMAND_PERMISSIONS_UPDATE AUTO_MODERATION_ACTION_EXECUTION
	AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_DELETE AUTO_MODERATION_RULE_UPDATE CHANNEL_CREATE CHANNEL_DELETE
	CHANNEL_INFO CHANNEL_PINS_UPDATE CHANNEL_UPDATE ENTITLEMENT_CREATE ENTITLEMENT_DELETE ENTITLEMENT_UPDATE
	GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD GUILD_BAN_REMOVE GUILD_CREATE GUILD_DELETE GUILD_EMOJIS_UPDATE
	GUILD_INTEGRATIONS_UPDATE GUILD_MEMBER_ADD GUILD_MEMBER_REMOVE GUILD_MEMBER_UPDATE GUILD_MEMBERS_CHUNK
	GUILD_ROLE_CREATE GUILD_ROLE_DELETE GUILD_ROLE_UPDATE GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_DELETE
	GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE
	GUILD_SOUNDBOARD_SOUND_CREATE GUILD_SOUNDBOARD_SOUND_DELETE GUILD_SOUNDBOARD_SOUND_UPDATE
	GUILD_SOUNDBOARD_SOUNDS_UPDATE GUILD_STICKERS_UPDATE GUILD_UPDATE INTEGRATION_CREATE INTEGRATION_DELETE
	INTEGRATION_UPDATE INTERACTION_CREATE INVITE_CREATE INVITE_DELETE MESSAGE_CREATE MESSAGE_DELETE MESSAGE_DELETE_BULK
	MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE
	MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI MESSAGE_UPDATE PRESENCE_UPDATE PRESENCES_REPLACE
	RATE_LIMITED READY RESUMED SOUNDBOARD_SOUNDS STAGE_INSTANCE_CREATE STAGE_INSTANCE_DELETE
	STAGE_INSTANCE_EVENT_CREATE STAGE_INSTANCE_EVENT_DELETE STAGE_INSTANCE_EVENT_UPDATE STAGE_INSTANCE_UPDATE
	SUBSCRIPTION_CREATE SUBSCRIPTION_DELETE SUBSCRIPTION_UPDATE THREAD_CREATE THREAD_DELETE THREAD_LIST_SYNC
	THREAD_MEMBER_UPDATE THREAD_MEMBERS_UPDATE THREAD_UPDATE TYPING_START USER_UPDATE VOICE_CHANNEL_EFFECT_SEND
	VOICE_CHANNEL_START_TIME_UPDATE VOICE_CHANNEL_STATUS_UPDATE VOICE_SERVER_UPDATE VOICE_STATE_UPDATE WEBHOOKS_UPDATE
	__CONNECT__ __DISCONNECT__ __EVENT__ __RATE_LIMIT__`)

// Whatever stands where an event's body should be, the process lives and the connection goes on: the library would follow
// what is nil in some of these, in a goroutine of its own.
func TestEventsWithoutTheirBody(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	run(t, a, sink)
	thread := opened(t, a)
	nothing := []any{nil}
	hollow := map[string]any{
		"id": "1", "guild_id": server.Options().GuildID, "channels": nothing, "threads": nothing, "members": nothing,
		"voice_states": nothing, "guilds": nothing, "roles": nothing, "user": nil, "member": nil, "emojis": nothing, "ids": nothing,
	}
	for _, kind := range gatewayEvents {
		for _, body := range []any{nil, []any{}, 1, "x", map[string]any{}, nothing, hollow} {
			server.Dispatch(kind, body)
		}
		server.SendFrame([]byte(`{"op":0,"s":1,"t":"` + kind + `"}`))
	}
	for op := range 12 {
		if op == 7 || op == 9 { // these mean something without a body
			continue
		}
		for _, body := range []string{"null", "[]", "1", `"x"`, "{}"} {
			server.SendFrame(fmt.Appendf(nil, `{"op":%d,"d":%s}`, op, body))
		}
	}
	for _, frame := range []string{"null", "[]", "1", `"x"`, "{}", "", `{"op":null}`, `{"op":"0","t":[],"s":{}}`} {
		server.SendFrame([]byte(frame))
	}
	say(t, server, thread, "hello")
	if got := lines(sink.AwaitInbounds(t, 1)); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("heard %q", got)
	}
	if d := server.Delivery(); d.Readies != 1 || d.Resumes != 0 {
		t.Errorf("the connection was replaced: %+v", d)
	}
}

// A greeting without an interval of heartbeats begins no session; the next one does.
func TestHelloWithoutItsBody(t *testing.T) {
	for _, body := range []string{"null", "{}", `{"heartbeat_interval":0}`, `{"heartbeat_interval":-1}`, `{"heartbeat_interval":"x"}`, `{"heartbeat_interval":9e18}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, discordtest.Options{})
			server.NextHello(json.RawMessage(body))
			a, sink := newAdapter(t, server, func(c *discord.Config) { c.OpenTime = 3 * time.Second }), adaptertest.NewSink()
			run(t, a, sink)
			if d := server.Delivery(); d.Readies != 1 {
				t.Errorf("%+v", d)
			}
		})
	}
}

// As in real life the gateway is behind TLS, at a server that would rather speak HTTP/2.
func TestGatewayBehindTLS(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	plain, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	through := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: plain.Scheme, Host: plain.Host}) }}
	front := httptest.NewUnstartedServer(through)
	front.EnableHTTP2 = true
	front.StartTLS()
	t.Cleanup(front.Close)
	through.ModifyResponse = func(r *http.Response) error {
		if !strings.HasSuffix(r.Request.URL.Path, "/gateway/bot") {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		body = bytes.ReplaceAll(body, []byte("ws://"+plain.Host), []byte("wss://"+front.Listener.Addr().String()))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
		return err
	}
	a, sink := newAdapter(t, server, func(c *discord.Config) {
		c.Client, c.APIURL = front.Client(), front.URL+plain.Path
	}), adaptertest.NewSink()
	run(t, a, sink)
	say(t, server, opened(t, a), "hello")
	if got := lines(sink.AwaitInbounds(t, 1)); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("heard %q", got)
	}
}
