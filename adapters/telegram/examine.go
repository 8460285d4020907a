package telegram

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

var _ bridge.Examiner = (*Adapter)(nil)

// Examine implements bridge.Examiner. It does not ask for updates: Telegram would end the call of the daemon that does.
func (a *Adapter) Examine(ctx context.Context) []bridge.Finding {
	var me user
	if err := a.call(ctx, "getMe", nil, &me); err != nil {
		return []bridge.Finding{amiss("getMe", err)}
	}
	findings := []bridge.Finding{finding(bridge.Fine, "The token is good: it is that of @%s.", me.Username)}
	if a.cfg.Webhook {
		findings = append(findings, a.examineAddress())
	}
	info, err := a.webhookInfo(ctx)
	switch {
	case err != nil:
		return append(findings, amiss("getWebhookInfo", err))
	case a.cfg.Webhook:
		return append(findings, a.examineWebhook(info))
	default:
		return append(findings, examinePolling(info))
	}
}

func finding(g bridge.Grade, format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: g, Public: fmt.Sprintf(format, args...)}
}

// amiss says why a call was refused, or that Telegram could not be asked and why.
func amiss(method string, err error) bridge.Finding {
	f := failure(method, err)
	if f.Refused {
		return finding(bridge.Amiss, "%s", f.Public)
	}
	return finding(bridge.Amiss, "%s Look at the network, the proxy and api_url, and check again (%s).", f.Public, f.Err)
}

// webhookPorts are those that Telegram calls (T:setwebhook); "" is the one of https.
var webhookPorts = []string{"", "443", "80", "88", "8443"}

// examineAddress judges public_url as Telegram will. A server of one's own takes more.
func (a *Adapter) examineAddress() bridge.Finding {
	u, err := url.Parse(a.cfg.PublicURL)
	if a.cfg.APIURL == defaultAPIURL && (err != nil || u.Scheme != "https" || !slices.Contains(webhookPorts, u.Port())) {
		return finding(bridge.Amiss, "%s", adviseWebhook)
	}
	return finding(bridge.Fine, "public_url is an address that Telegram may call.")
}

func examinePolling(info webhookInfo) bridge.Finding {
	if info.URL != "" {
		return finding(bridge.Amiss, "A webhook is set for this bot, at %s, so that messages go there. Skein takes it away when it starts. "+
			"If it is there again afterwards, another program uses the bot: stop that one.", hostOf(string(info.URL)))
	}
	return finding(bridge.Fine, "No webhook takes messages away from polling; %s.", waiting(info))
}

// hostOf is what may be shown of an address: the rest of another program's often holds a token.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address that cannot be read"
	}
	return described(u.Host)
}

func (a *Adapter) examineWebhook(info webhookInfo) bridge.Finding {
	switch {
	case info.URL == "":
		return finding(bridge.Aside, "The webhook is not set yet: Skein sets it when it starts. Check again then; %s.", waiting(info))
	case string(info.URL) != a.hook():
		return finding(bridge.Amiss, "The webhook of this bot is at another address, at %s. Skein takes it over when it starts. "+
			"If it is there again afterwards, another program uses the bot: stop that one.", hostOf(string(info.URL)))
	case info.failing(time.Hour): // Telegram's pauses between two tries grow
		return finding(bridge.Amiss, "Telegram's calls do not arrive (%s); %s. Let Skein run, and look at the certificate, the port and the proxy of public_url.",
			described(rich.Clean(string(info.Error))), waiting(info))
	}
	return finding(bridge.Fine, "The webhook is ours; %s.", waiting(info))
}

func waiting(info webhookInfo) string {
	switch info.Pending {
	case 0:
		return "no message waits"
	case 1:
		return "1 message waits for Skein"
	}
	return fmt.Sprintf("%d messages wait for Skein", info.Pending)
}

// webhookInfo is what Telegram knows of the webhook (T:webhookinfo).
type webhookInfo struct {
	URL     text   `json:"url"`
	Pending number `json:"pending_update_count"`
	Failed  number `json:"last_error_date"`
	Error   text   `json:"last_error_message"`
}

func (a *Adapter) webhookInfo(ctx context.Context) (webhookInfo, error) {
	var info webhookInfo
	err := a.call(ctx, "getWebhookInfo", nil, &info)
	return info, err
}

// failing says that calls do not arrive: one failed lately, and something waits.
func (i webhookInfo) failing(lately time.Duration) bool {
	return i.Pending > 0 && time.Since(timeOf(int64(i.Failed))) < lately
}
