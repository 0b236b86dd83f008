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
