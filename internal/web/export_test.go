package web

// Pages are the paths of the GETs.
func Pages() (paths []string) {
	for _, rt := range routes() {
		if rt.method == "GET" {
			paths = append(paths, rt.path)
		}
	}
	return paths
}

// Forms are the paths that are posted to by whoever signed in, and whether what is sent is a
// secret.
func Forms() map[string]bool {
	paths := map[string]bool{}
	for _, rt := range routes() {
		if rt.method == "POST" && !rt.open {
			paths[rt.path] = rt.secret
		}
	}
	return paths
}
