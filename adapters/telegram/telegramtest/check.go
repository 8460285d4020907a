package telegramtest

import "encoding/json"

// checkRequest compares a call with the description. What differs is refused and recorded, although
// Telegram overlooks some of it (unknown parameters, the names of older versions): our clients must
// not rely on that.
func (s *Server) checkRequest(c *call) error {
	if s.opts.Spec == nil {
		return nil
	}
	err := s.opts.Spec.request(c)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violate(err)
	return refuse("not as described: " + err.Error())
}

func (s *Server) checkAnswer(method string, result json.RawMessage) {
	if s.opts.Spec == nil {
		return
	}
	if err := s.opts.Spec.answer(method, result); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.violate(err)
	}
}

// checkUpdate wants the lock held.
func (s *Server) checkUpdate(raw json.RawMessage) {
	if s.opts.Spec == nil {
		return
	}
	if err := s.opts.Spec.update(raw); err != nil {
		s.violate(err)
	}
}

func (s *Server) violate(err error) { s.violations = append(s.violations, err.Error()) }
