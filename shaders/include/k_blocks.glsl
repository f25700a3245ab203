// Mirror of src/GemmaVk.Tensors/KBlocks.cs: rows in blocks of 256 columns with headers.
// Needs: one of WEIGHT_Q4K, WEIGHT_Q5K, WEIGHT_Q6K, and WEIGHT_K; SCALE_F16; words of 16 bytes at WEIGHT_AT and of 4 at SCALE_AT, rows first.

// Words of 16 bytes of a block.
#if defined(WEIGHT_Q4K)
#define K_BLOCK 8u
#elif defined(WEIGHT_Q5K)
#define K_BLOCK 10u
#else
#define K_BLOCK 12u
#endif

// Integers of a group, counted over all rows: a byte each, the even columns 8i, 8i + 2 .. in component i of low, the odd ones of high.
void k_codes(uint group, out uvec4 low, out uvec4 high)
{
    uint block = (group >> 3) * K_BLOCK;
    uint g = group & 7u;
    uvec4 word = WEIGHT_AT(block + g);
    low = word & 0x0f0f0f0fu;
    high = (word >> 4) & 0x0f0f0f0fu;
#if defined(WEIGHT_Q5K)
    uint fifth = WEIGHT_AT(block + 8u + (g >> 2))[g & 3u];
    low |= uvec4(fifth << 4, fifth << 2, fifth, fifth >> 2) & 0x10101010u;
    high |= uvec4(fifth << 3, fifth << 1, fifth >> 1, fifth >> 3) & 0x10101010u;
#elif defined(WEIGHT_Q6K)
    uint first = WEIGHT_AT(block + 8u + (g >> 2))[g & 3u];
    uint second = WEIGHT_AT(block + 10u + (g >> 2))[g & 3u];
    low |= uvec4(first << 4, first, second << 4, second) & 0x30303030u;
    high |= uvec4(first << 2, first >> 2, second << 2, second >> 2) & 0x30303030u;
#endif
}

#if defined(WEIGHT_Q6K)
uint k_unit(uint index) { return (SCALE_AT(index >> 1) >> (16u * (index & 1u))) & 0xffffu; }

// What integers of the first and of the second half of a group are multiplied by, once 32 is taken off them.
vec2 k_scale(uint group)
{
    uint header = (group >> 3) * 9u;
    uint pair = k_unit(header + (group & 7u));
    return half_of(k_unit(header + 8u)) * vec2(int(pair << 24) >> 24, int(pair << 16) >> 24);
}
#else
// What a group's integers are multiplied by, and what is taken off the product.
vec2 k_scale(uint group)
{
    uint header = (group >> 3) * 4u;
    uint g = group & 7u;
    uint shift = 8u * (g & 3u);
    uint d = SCALE_AT(header), scales = SCALE_AT(header + 1u) >> shift, minima = SCALE_AT(header + 2u) >> shift, rest = SCALE_AT(header + 3u) >> shift;
    uint scale = g < 4u ? scales & 63u : (rest & 15u) | ((scales >> 2) & 48u);
    uint minimum = g < 4u ? minima & 63u : ((rest >> 4) & 15u) | ((minima >> 2) & 48u);
    return vec2(half_of(d & 0xffffu) * float(scale), half_of(d >> 16) * float(minimum));
}
#endif
