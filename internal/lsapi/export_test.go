package lsapi

// Keyed is the routes that take an idempotency key.
func Keyed() (list []string) {
	for _, rt := range routes() {
		if rt.keyed() {
			list = append(list, rt.method+" "+rt.path)
		}
	}
	return list
}
