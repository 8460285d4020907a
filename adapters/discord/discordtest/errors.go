package discordtest

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is a refusal as Discord words it: an HTTP status and a JSON error code
// (https://docs.discord.com/developers/topics/opcodes-and-status-codes#json).
type apiError struct {
	status  int
	code    int
	message string
	errors  map[string]any // with 50035: what is wrong, by field
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.message) }

var (
	errUnauthorized       = &apiError{status: http.StatusUnauthorized, message: "401: Unauthorized"}
	errNotFound           = &apiError{status: http.StatusNotFound, message: "404: Not Found"}
	errUnknownApplication = &apiError{status: http.StatusNotFound, code: 10002, message: "Unknown Application"}
	errUnknownChannel     = &apiError{status: http.StatusNotFound, code: 10003, message: "Unknown Channel"}
	errUnknownGuild       = &apiError{status: http.StatusNotFound, code: 10004, message: "Unknown Guild"}
	errUnknownMember      = &apiError{status: http.StatusNotFound, code: 10007, message: "Unknown Member"}
	errUnknownMessage     = &apiError{status: http.StatusNotFound, code: 10008, message: "Unknown Message"}
	errUnknownUser        = &apiError{status: http.StatusNotFound, code: 10013, message: "Unknown User"}
	errUnknownEmoji       = &apiError{status: http.StatusBadRequest, code: 10014, message: "Unknown Emoji"}
	errUnknownWebhook     = &apiError{status: http.StatusNotFound, code: 10015, message: "Unknown Webhook"}
	errUnknownInteraction = &apiError{status: http.StatusNotFound, code: 10062, message: "Unknown interaction"}
	errUnknownCommand     = &apiError{status: http.StatusNotFound, code: 10063, message: "Unknown application command"}
	errMaxPins            = &apiError{status: http.StatusBadRequest, code: 30003, message: "Maximum number of pins reached (250)"}
	errMaxWebhooks        = &apiError{status: http.StatusBadRequest, code: 30007, message: "Maximum number of webhooks reached (15)"}
	errMaxReactions       = &apiError{status: http.StatusBadRequest, code: 30010, message: "Maximum number of reactions reached (20)"}
	errOldEdits           = &apiError{status: http.StatusTooManyRequests, code: 30046, message: "Maximum number of edits to messages older than 1 hour reached. Try again later"}
	errTooLarge           = &apiError{status: http.StatusRequestEntityTooLarge, code: 40005, message: "Request entity too large"}
	errAnswered           = &apiError{status: http.StatusBadRequest, code: 40060, message: "Interaction has already been acknowledged."}
	errTagRequired        = &apiError{status: http.StatusBadRequest, code: 40067, message: "A tag is required to create a forum post in this channel"}
	errMissingAccess      = &apiError{status: http.StatusForbidden, code: 50001, message: "Missing Access"}
	errNotAuthor          = &apiError{status: http.StatusForbidden, code: 50005, message: "Cannot edit a message authored by another user"}
	errEmptyMessage       = &apiError{status: http.StatusBadRequest, code: 50006, message: "Cannot send an empty message"}
	errNonText            = &apiError{status: http.StatusBadRequest, code: 50008, message: "Cannot send messages in a non-text channel"}
	errMissingPermissions = &apiError{status: http.StatusForbidden, code: 50013, message: "Missing Permissions"}
	errBulkCount          = &apiError{status: http.StatusBadRequest, code: 50016, message: "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete."}
	errSystemMessage      = &apiError{status: http.StatusForbidden, code: 50021, message: "Cannot execute action on a system message"}
	errChannelType        = &apiError{status: http.StatusBadRequest, code: 50024, message: "Cannot execute action on this channel type"}
	errWebhookToken       = &apiError{status: http.StatusUnauthorized, code: 50027, message: "Invalid Webhook Token"}
	errTooOldToDelete     = &apiError{status: http.StatusBadRequest, code: 50034, message: "A message provided was too old to bulk delete"}
	errArchived           = &apiError{status: http.StatusBadRequest, code: 50083, message: "Thread is archived"}
	errReplyHistory       = &apiError{status: http.StatusBadRequest, code: 160002, message: "Cannot reply without permission to read message history"}
	errHasThread          = &apiError{status: http.StatusBadRequest, code: 160004, message: "A thread has already been created for this message"}
	errThreadLocked       = &apiError{status: http.StatusForbidden, code: 160005, message: "Thread is locked"}
	errMaxThreads         = &apiError{status: http.StatusBadRequest, code: 160006, message: "Maximum number of active threads reached"}
	errForumWebhook       = &apiError{status: http.StatusBadRequest, code: 220001, message: "Webhooks posted to forum channels must have a thread_name or thread_id"}
	errWebhookBoth        = &apiError{status: http.StatusBadRequest, code: 220002, message: "Webhooks posted to forum channels cannot have both a thread_name and thread_id"}
	errWebhookNotForum    = &apiError{status: http.StatusBadRequest, code: 220003, message: "Webhooks can only create threads in forum channels"}
	errAutoMod            = &apiError{status: http.StatusBadRequest, code: 200000, message: "Message was blocked by automatic moderation"}
)

// invalid is 50035 for one field: a path with dots, Discord's code for what is wrong, and a sentence.
func invalid(field, code, sentence string) error {
	var leaf any = map[string]any{"_errors": []any{map[string]any{"code": code, "message": sentence}}}
	parts := strings.Split(field, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "" {
			leaf = map[string]any{parts[i]: leaf}
		}
	}
	return &apiError{
		status: http.StatusBadRequest, code: 50035, message: "Invalid Form Body", errors: leaf.(map[string]any),
	}
}

// tooLong is said of texts and of lists.
func tooLong(field string, limit int) error {
	return invalid(field, "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", limit))
}

func badLength(field string, lowest, highest int) error {
	return invalid(field, "BASE_TYPE_BAD_LENGTH", fmt.Sprintf("Must be between %d and %d in length.", lowest, highest))
}
