package discordtest

import (
	"net/http"
	"strings"
)

// operations is the supported subset, by the names and paths of the official description.
var operations = []route{
	{name: "get_gateway", path: "GET /gateway", do: (*Server).getGateway, open: true},
	{name: "get_bot_gateway", path: "GET /gateway/bot", do: (*Server).getBotGateway},
	{name: "get_my_user", path: "GET /users/@me", do: (*Server).getMyUser},
	{name: "get_user", path: "GET /users/{user_id}", do: (*Server).getUser},
	{name: "get_my_application", path: "GET /applications/@me", do: (*Server).getMyApplication},
	{name: "get_my_oauth2_application", path: "GET /oauth2/applications/@me", do: (*Server).getMyApplication},

	{name: "get_guild", path: "GET /guilds/{guild_id}", do: (*Server).getGuild},
	{name: "list_guild_channels", path: "GET /guilds/{guild_id}/channels", do: (*Server).listGuildChannels},
	{name: "list_guild_roles", path: "GET /guilds/{guild_id}/roles", do: (*Server).listGuildRoles},
	{name: "get_guild_member", path: "GET /guilds/{guild_id}/members/{user_id}", do: (*Server).getGuildMember},
	{name: "get_active_guild_threads", path: "GET /guilds/{guild_id}/threads/active", do: (*Server).getActiveThreads},
	{name: "get_guild_webhooks", path: "GET /guilds/{guild_id}/webhooks", do: (*Server).getGuildWebhooks},

	{name: "get_channel", path: "GET /channels/{channel_id}", do: (*Server).getChannel},
	{name: "update_channel", path: "PATCH /channels/{channel_id}", do: (*Server).updateChannel},
	{name: "delete_channel", path: "DELETE /channels/{channel_id}", do: (*Server).deleteChannel},
	{name: "trigger_typing_indicator", path: "POST /channels/{channel_id}/typing", do: (*Server).triggerTyping},

	{name: "list_messages", path: "GET /channels/{channel_id}/messages", do: (*Server).listMessages},
	{name: "create_message", path: "POST /channels/{channel_id}/messages", do: (*Server).createMessage},
	{name: "get_message", path: "GET /channels/{channel_id}/messages/{message_id}", do: (*Server).getMessage},
	{name: "update_message", path: "PATCH /channels/{channel_id}/messages/{message_id}", do: (*Server).updateMessage},
	{name: "delete_message", path: "DELETE /channels/{channel_id}/messages/{message_id}", do: (*Server).deleteMessage},
	{name: "bulk_delete_messages", path: "POST /channels/{channel_id}/messages/bulk-delete", do: (*Server).bulkDelete},

	{name: "add_my_message_reaction", path: "PUT " + reactionPath + "/@me", do: (*Server).addReaction},
	{name: "delete_my_message_reaction", path: "DELETE " + reactionPath + "/@me", do: (*Server).deleteReaction},
	{name: "delete_user_message_reaction", path: "DELETE " + reactionPath + "/{user_id}", do: (*Server).deleteReaction},
	{name: "list_message_reactions_by_emoji", path: "GET " + reactionPath, do: (*Server).listReactions},

	{name: "deprecated_list_pins", path: "GET /channels/{channel_id}/pins", do: (*Server).listPinsOld},
	{name: "deprecated_create_pin", path: "PUT /channels/{channel_id}/pins/{message_id}", do: (*Server).createPin},
	{name: "deprecated_delete_pin", path: "DELETE /channels/{channel_id}/pins/{message_id}", do: (*Server).deletePin},
	{name: "list_pins", path: "GET /channels/{channel_id}/messages/pins", do: (*Server).listPins},
	{name: "create_pin", path: "PUT /channels/{channel_id}/messages/pins/{message_id}", do: (*Server).createPin},
	{name: "delete_pin", path: "DELETE /channels/{channel_id}/messages/pins/{message_id}", do: (*Server).deletePin},

	{name: "create_thread_from_message", path: "POST /channels/{channel_id}/messages/{message_id}/threads", do: (*Server).createThreadFromMessage, status: http.StatusCreated},
	{name: "create_thread", path: "POST /channels/{channel_id}/threads", do: (*Server).createThread, status: http.StatusCreated},
	{name: "list_public_archived_threads", path: "GET /channels/{channel_id}/threads/archived/public", do: (*Server).listArchivedThreads},
	{name: "list_thread_members", path: "GET /channels/{channel_id}/thread-members", do: (*Server).listThreadMembers},
	{name: "get_thread_member", path: "GET /channels/{channel_id}/thread-members/{user_id}", do: (*Server).getThreadMember},
	{name: "join_thread", path: "PUT /channels/{channel_id}/thread-members/@me", do: (*Server).joinThread},
	{name: "leave_thread", path: "DELETE /channels/{channel_id}/thread-members/@me", do: (*Server).leaveThread},
	{name: "add_thread_member", path: "PUT /channels/{channel_id}/thread-members/{user_id}", do: (*Server).joinThread},
	{name: "delete_thread_member", path: "DELETE /channels/{channel_id}/thread-members/{user_id}", do: (*Server).leaveThread},

	{name: "create_webhook", path: "POST /channels/{channel_id}/webhooks", do: (*Server).createWebhook},
	{name: "list_channel_webhooks", path: "GET /channels/{channel_id}/webhooks", do: (*Server).listChannelWebhooks},
	{name: "get_webhook", path: "GET /webhooks/{webhook_id}", do: (*Server).getWebhook},
	{name: "delete_webhook", path: "DELETE /webhooks/{webhook_id}", do: (*Server).deleteWebhook},
	{name: "get_webhook_by_token", path: "GET " + webhookPath, do: (*Server).getWebhook, open: true},
	{name: "delete_webhook_by_token", path: "DELETE " + webhookPath, do: (*Server).deleteWebhook, open: true},
	{name: "execute_webhook", path: "POST " + webhookPath, do: (*Server).executeWebhook, open: true},
	{name: "get_original_webhook_message", path: "GET " + webhookPath + "/messages/@original", do: (*Server).getWebhookMessage, open: true},
	{name: "update_original_webhook_message", path: "PATCH " + webhookPath + "/messages/@original", do: (*Server).updateWebhookMessage, open: true},
	{name: "delete_original_webhook_message", path: "DELETE " + webhookPath + "/messages/@original", do: (*Server).deleteWebhookMessage, open: true},
	{name: "get_webhook_message", path: "GET " + webhookPath + "/messages/{message_id}", do: (*Server).getWebhookMessage, open: true},
	{name: "update_webhook_message", path: "PATCH " + webhookPath + "/messages/{message_id}", do: (*Server).updateWebhookMessage, open: true},
	{name: "delete_webhook_message", path: "DELETE " + webhookPath + "/messages/{message_id}", do: (*Server).deleteWebhookMessage, open: true},

	{name: "list_guild_application_commands", path: "GET " + commandsPath, do: (*Server).listCommands},
	{name: "bulk_set_guild_application_commands", path: "PUT " + commandsPath, do: (*Server).setCommands},
	{name: "create_interaction_response", path: "POST /interactions/{interaction_id}/{interaction_token}/callback", do: (*Server).answerInteraction, open: true},
}

const (
	reactionPath = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}"
	webhookPath  = "/webhooks/{webhook_id}/{webhook_token}"
	commandsPath = "/applications/{application_id}/guilds/{guild_id}/commands"
)

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for i := range operations {
		op := &operations[i]
		method, path, _ := strings.Cut(op.path, " ")
		for _, version := range []string{"v9", "v10"} {
			mux.HandleFunc(method+" /api/"+version+path, func(w http.ResponseWriter, r *http.Request) { s.serveCall(op, w, r) })
		}
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { s.serveUnknown(w, r) })
	for _, version := range []string{"v9", "v10"} {
		mux.HandleFunc("POST /api/"+version+"/oauth2/token", s.redeem)
	}
	mux.HandleFunc("GET /oauth2/authorize", s.oauth.Authorize)
	mux.HandleFunc("GET /gateway", s.serveGateway)
	mux.HandleFunc("GET /gateway/", s.serveGateway)
	mux.HandleFunc("GET /attachments/{channel}/{id}/{name}", s.serveAttachment)
	return mux
}

// serveUnknown refuses what the simulator does not know, and says so: a client that uses it needs it built first.
func (s *Server) serveUnknown(w http.ResponseWriter, r *http.Request) {
	s.locked(func() {
		s.violations = append(s.violations, Violation{Method: r.Method + " " + r.URL.Path, Text: "the simulator has no such route"})
	})
	s.write(w, answer{status: http.StatusNotFound, body: encode(map[string]any{"code": 0, "message": errNotFound.message})})
}
