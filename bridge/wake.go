package bridge

import "sync"

// Hub passes on hints that a conversation has news. A hint is published only after the news has committed, may be
// lost (a poll is the guarantee) and may be repeated. Subscribers must not block.
type Hub struct {
	mu   sync.RWMutex
	next int
	subs map[int]subscriber
}

type subscriber struct {
	hear      func(ConversationID)
	localOnly bool
	claims    bool
}

// NewHub returns a Hub without subscribers.
func NewHub() *Hub { return &Hub{subs: map[int]subscriber{}} }

// Publish tells every subscriber that a transaction of this instance has changed the conversation.
func (h *Hub) Publish(c ConversationID) { h.tell(c, func(subscriber) bool { return true }) }

// PublishClaimed is Publish of a change whose lanes have been claimed along with it: whoever claims has nothing to do.
func (h *Hub) PublishClaimed(c ConversationID) {
	h.tell(c, func(s subscriber) bool { return !s.claims })
}

// Relay tells subscribers of a change that another instance made.
func (h *Hub) Relay(c ConversationID) { h.tell(c, func(s subscriber) bool { return !s.localOnly }) }

// Subscribe calls hear for every hint until cancel is called.
func (h *Hub) Subscribe(hear func(ConversationID)) (cancel func()) {
	return h.add(subscriber{hear: hear})
}

// SubscribeLocal calls hear for what Publish tells, not for what Relay tells: it is how hints leave this instance.
func (h *Hub) SubscribeLocal(hear func(ConversationID)) (cancel func()) {
	return h.add(subscriber{hear: hear, localOnly: true})
}

// SubscribeClaims calls hear for every hint that there may be lanes to claim.
func (h *Hub) SubscribeClaims(hear func(ConversationID)) (cancel func()) {
	return h.add(subscriber{hear: hear, claims: true})
}

func (h *Hub) add(s subscriber) (cancel func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := h.next
	h.next++
	h.subs[id] = s
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, id)
	}
}

func (h *Hub) tell(c ConversationID, concerns func(subscriber) bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, s := range h.subs {
		if concerns(s) {
			s.hear(c)
		}
	}
}
