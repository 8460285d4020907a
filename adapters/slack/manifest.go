package slack

// botScopes are the permissions that the app asks for.
var botScopes = []string{
	"channels:history",
	"chat:write",
	"chat:write.customize",
	"files:read",
	"files:write",
	"groups:history",
	"users:read",
}
