// How attention on matrix units brings queries and cached rows into shared memory, piece by piece: first into registers, and from there when the piece
// before has been used.
// Needs: attention_matrix.glsl.
#include "kv_halves.glsl"

const uint KeyUnits = BlockKeys * UnitsPerKey;            // of a slice
const uint HeldKeys = (KeyUnits + Invocations - 1u) / Invocations;
const uint HeldValues = (BlockK * ValueSlice + Invocations - 1u) / Invocations;
const uint Held = HeldKeys * KeyUnit > HeldValues ? HeldKeys * KeyUnit : HeldValues;

// What this invocation has fetched for the next piece of the tile: it waits for memory while the piece before is used.
uvec4 held[Held];
uint keyRow[HeldKeys]; // bound rows of its keys of a block

// The positions that any row of the tile sees.
int low, high;

// The range of positions that row t of the pass sees.
ivec2 range_of(uint t)
{
    if (t >= T) return ivec2(0, -1);
    return ivec2(Window == 0u ? 0 : max(0, positions[Row0 + t] - int(Window) + 1), reach[Row0 + t]);
}

// All queries of the tile, of head h from row t0 on.
void take_queries(uint h, uint t0)
{
    for (uint n = 0; n < QueryTurns; n++)
    {
        uint at = gl_LocalInvocationID.x + n * Invocations;
        if ((Queries * Columns) % Invocations != 0u && at >= Queries * Columns) break;
        uint c4 = 2u * column8(at % Columns);
        uint from = ((Row0 + min(t0 + at / Columns, T - 1u)) * H + h) * (Width / 4u) + c4;
        query[at / Columns * QueryStride + at % Columns] = packed(q[from] * query_weight(c4), q[from + 1u] * query_weight(c4 + 1u));
    }
}

// Position of a key of the block from start on; those out of range repeat one in range, so that only written rows are read.
uint position_of(uint start, uint key) { return uint(clamp(int(start + key), low, high)); }

// Bound row of position j of KV head kv, in the block from start on, which lies in slot of the cache; zero where another chunk has it.
uint bound_row(uint kv, uint start, uint slot, uint j)
{
    uint at = slot + j - start;
    while (at >= R) at -= R;
    uint row = kv * R + at - First;
    return row < Count ? row : 0u;
}

// The first block from this one on that has a row in the chunk which is bound.
uint bound_block(uint kv, uint block, uint blocks)
{
    for (; block < blocks; block++)
    {
        uint slot = block * BlockKeys % R;
        uint row = kv * R + slot;
        if (slot + BlockKeys > R || (row + BlockKeys > First && row < First + Count)) break;
    }

    return block;
}

void place_keys(uint kv, uint start)
{
    uint slot = start % R;
    [[unroll]] for (uint n = 0; n < HeldKeys; n++)
    {
        uint key = (gl_LocalInvocationID.x + n * Invocations) / UnitsPerKey;
        keyRow[n] = bound_row(kv, start, slot, position_of(start, key));
    }
}

// A slice of the columns of all keys of a block.
void take_keys(uint slice)
{
    [[unroll]] for (uint n = 0; n < HeldKeys; n++)
    {
        uint at = gl_LocalInvocationID.x + n * Invocations;
        if (KeyUnits % Invocations != 0u && at >= KeyUnits) continue;
        uint c8 = slice * UnitsPerKey + at % UnitsPerKey;
#ifdef VALUES_ONLY
        held[2u * n] = kept_value(keyRow[n], c8);
        held[2u * n + 1u] = kept_value(keyRow[n], c8 + Width / 16u);
#else
        held[n] = kept_key(keyRow[n], c8);
#endif
    }
}

void write_keys(uint start, uint slice, uint base)
{
    [[unroll]] for (uint n = 0; n < HeldKeys; n++)
    {
        uint at = gl_LocalInvocationID.x + n * Invocations;
        if (KeyUnits % Invocations != 0u && at >= KeyUnits) continue;
        uint to = base + at / UnitsPerKey * KeyStride + at % UnitsPerKey;
#ifdef VALUES_ONLY
        rebuild(held[2u * n], held[2u * n + 1u], position_of(start, at / UnitsPerKey), slice * UnitsPerKey + at % UnitsPerKey, tile[to], tile[to + UnitsPerKey]);
#else
        tile[to] = halves_of(held[n]);
#endif
    }
}

// A slice of the columns of BlockK values, from key on.
void take_values(uint kv, uint start, uint slot, uint key, uint slice)
{
    [[unroll]] for (uint n = 0; n < HeldValues; n++)
    {
        uint at = gl_LocalInvocationID.x + n * Invocations;
        uint c8 = slice * ValueSlice + at % ValueSlice;
        if ((BlockK * ValueSlice) % Invocations != 0u && at >= BlockK * ValueSlice) continue;
        if (Columns % ValueSlice != 0u && c8 >= Columns) continue;
        held[n] = kept_value(bound_row(kv, start, slot, position_of(start, key + at / ValueSlice)), c8);
    }
}

void write_values(uint slice, uint base)
{
    [[unroll]] for (uint n = 0; n < HeldValues; n++)
    {
        uint at = gl_LocalInvocationID.x + n * Invocations;
        if ((BlockK * ValueSlice) % Invocations != 0u && at >= BlockK * ValueSlice) continue;
        if (Columns % ValueSlice != 0u && slice * ValueSlice + at % ValueSlice >= Columns) continue;
        tile[base + at / ValueSlice * ValueStride + at % ValueSlice] = halves_of(held[n]);
    }
}
