// Reading of cached keys and values, F32 or F16, for attention_tile.glsl. Needs: kCache[], vCache[], W, R, First.
// Eight columns of a key, from column 8 c8 on.
void key8(uint row, uint c8, out vec4 a, out vec4 b)
{
    uint at = row * (W / 8u) + c8;
#ifdef KV_F16
    uvec4 word = kCache[at];
    a = vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
    b = vec4(unpackHalf2x16(word.z), unpackHalf2x16(word.w));
#else
    a = kCache[2u * at];
    b = kCache[2u * at + 1u];
#endif
}

// Four columns of a value, from column 4 c4 on.
vec4 value4(uint row, uint c4)
{
#ifdef KV_F16
    uvec2 word = vCache[row * (W / 4u) + c4];
    return vec4(unpackHalf2x16(word.x), unpackHalf2x16(word.y));
#else
    return vCache[row * (W / 4u) + c4];
#endif
}

// Bound row of position j of KV head kv; Count or more when the row is in another chunk.
uint row_of(uint kv, uint j) { return kv * R + j % R - First; }
