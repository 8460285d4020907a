package website

import (
	"fmt"
	"net/http"
	"time"

	"github.com/skeindesk/skein/bridge"
)

type linkAnswer struct {
	URL       string `json:"url"`
	ExpiresAt string `json:"expires_at"`
}

// postLink answers with an address by which the visitor, or whoever they give it to, goes on in Telegram: for one use,
// and not for long. The visitor need not have written before.
func (a *Adapter) postLink(w http.ResponseWriter, r *http.Request, v visitor) error {
	if a.cfg.Telegram == "" {
		return refuse(http.StatusNotFound, "no_links", "This site is not connected to Telegram.")
	}
	if err := a.limits.message(w, r, v.Key, a.address(r)); err != nil {
		return err
	}
	made := time.Now()
	token, err := a.cfg.Desk.Invite(r.Context(), bridge.Link{
		Endpoint: a.cfg.Name, Thread: v.thread(), Person: v.Key, To: a.cfg.Telegram,
	})
	if err != nil {
		return fmt.Errorf("make a link: %w", err)
	}
	address, err := a.cfg.DeepLink(r.Context(), token)
	if err != nil {
		a.cfg.Logger.WarnContext(r.Context(), "no link can be made", "endpoint", a.cfg.Telegram, "error", err)
		return &refusal{
			status: http.StatusServiceUnavailable, code: "not_connected", retryAfter: 5,
			detail: "Telegram cannot be reached at the moment. Try again soon.",
		}
	}
	answer(w, http.StatusOK, linkAnswer{URL: address, ExpiresAt: instant(made.Add(bridge.LinkLife))})
	return nil
}
