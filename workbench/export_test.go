package workbench

// Patterns are those of every page and form, as "METHOD /path".
func (b *Workbench) Patterns() []string { return b.routes().patterns }
