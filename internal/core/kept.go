package core

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"io"
	"strings"

	"roster/internal/store"
)

// Sent is the place of forms that a session ended under.
const Sent = store.Sent

// Noting is an App that notes what the policy answers with yes, for what is kept of it.
func (a *App) Noting() *App {
	within := *a
	within.asked = &questions{}
	return &within
}

// KeepPage keeps something that the actor asked or was shown, for as long as a plan, and
// returns the token by which they, and nobody else, get it again. It is sealed: a page may
// show what is stored nowhere in the clear.
func (a *App) KeepPage(ctx context.Context, place string, body []byte) (token string, err error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return "", err
	}
	noted := []question{}
	if a.asked != nil {
		noted = append(noted, a.asked.list...)
	}
	granted, err := json.Marshal(noted)
	if err != nil {
		return "", err
	}
	k := store.Kept{Token: rand.Text(), Place: place, Granted: string(granted), Body: a.Sealer.Close(squeezed(body))}
	return k.Token, a.Update(ctx, func(tx *App) error {
		return tx.db.Keep(ctx, who.UserID, k, tx.Now().Add(tx.config.PlanTTL))
	})
}

// KeptPage is what was kept. The policy is asked again what it was asked then: whoever may
// not do that any more does not get it either. It counts as what its person sent, from
// before it is unpacked until it is released.
func (a *App) KeptPage(ctx context.Context, place, token string) (body []byte, release func(), err error) {
	k, err := a.granted(ctx, place, token)
	if err != nil {
		return nil, func() {}, err
	}
	text, err := a.Sealer.Open(k.Body)
	if err != nil {
		return nil, func() {}, err
	}
	held, err := a.HoldMade(ctx, 2*unpacked(text)) // and what is read out of it
	if err != nil {
		return nil, func() {}, err
	}
	zipped, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		return nil, held.Release, err
	}
	body, err = io.ReadAll(zipped)
	return body, held.Release, err
}

// granted is what was kept for the actor, who may still do what it needs.
func (a *App) granted(ctx context.Context, place, token string) (k store.Kept, err error) {
	who, err := ActorOf(ctx)
	if err != nil {
		return k, err
	}
	if k, err = a.db.KeptOf(ctx, who.UserID, place, token, a.Now()); err != nil {
		return k, err
	}
	var granted []question
	if err := json.Unmarshal([]byte(k.Granted), &granted); err != nil {
		return k, err
	}
	for _, q := range granted {
		if err := a.askAgain(ctx, q); err != nil {
			return k, err
		}
	}
	return k, nil
}

// unpacked is how many bytes are in what was squeezed: it ends with that.
func unpacked(text string) int64 {
	return int64(binary.LittleEndian.Uint32([]byte(text[max(0, len(text)-4):])))
}

func squeezed(body []byte) string {
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	zip.Write(body) // into memory
	zip.Close()
	return out.String()
}
