package telegram

import (
	"encoding/json"
	"slices"
	"strings"
)

// about are the fields of a message that say something about it, and not what it is (T:message).
var about = []string{
	"author_signature", "business_connection_id", "chat", "date", "direct_messages_topic", "edit_date", "effect_id",
	"external_reply", "forward_origin", "from", "guest_bot_caller_chat", "guest_bot_caller_user", "guest_query_id",
	"has_media_spoiler", "has_protected_content", "is_automatic_forward", "is_from_offline", "is_paid_post",
	"is_topic_message", "link_preview_options", "media_group_id", "message_id", "message_thread_id", "paid_star_count",
	"quote", "reply_markup", "reply_to_checklist_task_id", "reply_to_message", "reply_to_poll_option_id", "reply_to_story",
	"sender_boost_count", "sender_business_bot", "sender_chat", "sender_tag", "show_caption_above_media",
	"suggested_post_info", "text", "entities", "caption", "caption_entities", "via_bot",
	"forward_from", "forward_from_chat", "forward_from_message_id", "forward_date", "forward_sender_name",
	"forward_signature", // of older servers
}

// silentKinds are not said by anybody: Telegram notes what was done with the chat.
var silentKinds = []string{
	"chat_background_set", "connected_website", "direct_message_price_changed", "forum_topic_closed", "forum_topic_created",
	"forum_topic_edited", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
	"message_auto_delete_timer_changed", "pinned_message", "write_access_allowed",
}

// kindOf names what a message is by the first field that is not merely about it.
func kindOf(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // it was an object before
	var kinds []string
	for name := range fields {
		if !slices.Contains(about, name) {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) == 0 {
		return "unknown"
	}
	kind := slices.Min(kinds)
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, kind[:min(len(kind), 40)])
}
