package rich

// Mentioned returns the Info of every Mention in doc that has one, in reading order, each once.
func Mentioned(doc Doc) []string {
	var ids []string
	seen := map[string]bool{}
	var walk func(nodes []Node)
	walk = func(nodes []Node) {
		for i := range nodes {
			n := &nodes[i]
			if n.Kind == Mention && n.Info != "" && !seen[n.Info] {
				seen[n.Info] = true
				ids = append(ids, n.Info)
			}
			walk(n.Children)
		}
	}
	walk(doc)
	return ids
}
