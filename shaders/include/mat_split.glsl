// How subgroups of a workgroup share the columns of a tile, for mat_sums.glsl. Needs Rows, Cols and Split; WHOLE_TILES where each subgroup has tiles of its own.
//
// Split           0: sums are one chain over K. 1, 2 or 4: K falls into four pieces, and so many subgroups share a tile
// Why             a matrix of few rows has too few tiles for a large device: where several subgroups have each of them, more is read at once.
//                 Into how many pieces K falls does not depend on how many subgroups take them, so neither does any bit.
const uint Pieces = Split == 0u ? 1u : 4u;
#ifdef WHOLE_TILES
const uint Shares = 1u;
#else
const uint Shares = Split == 0u ? 1u : Split;
#endif
const uint Own = Pieces / Shares; // pieces of a subgroup

#ifndef WHOLE_TILES
// What the first subgroup of a tile adds to its own: [tile][piece][Rows][Cols][lane]. An array has a length, so one number is there in vain.
shared float others[(Pieces - Own) * (gl_WorkGroupSize.x / Shares) * Rows * Cols + 1u];
#endif

// Tiles of a workgroup at once; which one this subgroup works on, and which share of its columns it has.
uint tile_count() { return gl_NumSubgroups / Shares; }
uint tile_index() { return gl_SubgroupID / Shares; }
uint share_index() { return Shares == 1u ? 0u : gl_SubgroupID % Shares; }
