package slack

import "context"

// channelInfo is what Slack says of a channel (S:reference/methods/conversations.info).
type channelInfo struct {
	Name     string `json:"name"`
	Archived bool   `json:"is_archived"`
	Member   bool   `json:"is_member"` // true where Slack says nothing
}

func (a *Adapter) channelInfo(ctx context.Context, channel string) (channelInfo, error) {
	var answer struct {
		Channel channelInfo `json:"channel"`
	}
	answer.Channel.Member = true
	err := a.call(ctx, "conversations.info", values("channel", channel), &answer)
	return answer.Channel, err
}

// barred asks why the endpoint's channel cannot be used; empty when it can, and when Slack does not say.
func (a *Adapter) barred(ctx context.Context) string {
	info, err := a.channelInfo(ctx, a.cfg.Channel)
	switch {
	case err != nil:
		if f := failure("conversations.info", err); ofTheChannel(f) {
			return f.Public
		}
	case info.Archived:
		return adviseArchive
	case !info.Member:
		return adviseInvite
	}
	return ""
}

// lost takes note that a channel cannot be used any more. The channel of colleagues keeps no visitor waiting.
func (r *receiver) lost(channel, why string) {
	if channel == r.cfg.Channel {
		r.health.lose(why)
	}
}

// regained takes note that a channel can be used again: until now Slack told us of nothing there, and took nothing from us.
func (r *receiver) regained(channel string) {
	if channel == "" {
		return
	}
	switch channel {
	case r.cfg.Channel:
		r.health.regain()
	case r.cfg.Colleagues:
		r.health.gap()
	}
}
