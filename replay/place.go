package replay

import "context"

// Place is where a plan runs.
type Place interface {
	// Run runs a plan; each call starts from the same state, but for Here and
	// Netns, where what was done stays.
	Run(ctx context.Context, p *Plan) (*Result, error)
}
