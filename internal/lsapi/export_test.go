package lsapi

import "roster/internal/lsapi/schema"

// Keyed is the routes that take an idempotency key.
func Keyed() (list []string) {
	for _, rt := range routes() {
		if rt.once {
			list = append(list, rt.method+" "+rt.path)
		}
	}
	return list
}

// Families is the description of every operation.
func Families() []*schema.Family { return document().Families }
