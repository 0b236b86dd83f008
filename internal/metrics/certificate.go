package metrics

import "time"

var (
	certificateBegin = gauge("roster_tls_certificate_begin_timestamp_seconds",
		"When the certificate that is served began to be valid, by its name of --acme-hosts, or --tls-cert; 0 where there "+
			"is none yet.", "certificate")
	certificateEnd = gauge("roster_tls_certificate_end_timestamp_seconds",
		"When it ends; less time() it is how many seconds are left.", "certificate")
)

// Certified says from when until when a certificate is valid, by its host or the flag that
// names it; zero times are those of one that is not there.
func Certified(name string, from, until time.Time) {
	certificateBegin.WithLabelValues(name).Set(stamp(from))
	certificateEnd.WithLabelValues(name).Set(stamp(until))
}

func stamp(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
