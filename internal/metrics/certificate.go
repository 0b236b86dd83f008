package metrics

import "time"

var (
	certificateBegin = gauge("roster_tls_certificate_begin_timestamp_seconds",
		"When the certificate that is served began to be valid, by its name of --acme-hosts, or \"\" with --tls-cert; "+
			"0 where there is none yet.", "host")
	certificateEnd = gauge("roster_tls_certificate_end_timestamp_seconds",
		"When it ends; less time() it is how many seconds are left.", "host")
)

// Certified says from when until when the certificate of a host is valid; zero times are
// those of none.
func Certified(host string, from, until time.Time) {
	certificateBegin.WithLabelValues(host).Set(stamp(from))
	certificateEnd.WithLabelValues(host).Set(stamp(until))
}

func stamp(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
