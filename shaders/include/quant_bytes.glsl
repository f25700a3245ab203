#ifndef QUANT_BYTES
#define QUANT_BYTES
// The four signed bytes of a word.
vec4 bytes_of(uint word)
{
    return vec4(int(word << 24) >> 24, int(word << 16) >> 24, int(word << 8) >> 24, int(word) >> 24);
}

// The four bytes in a word, from integers in -128 .. 127.
uint packed_bytes(ivec4 v)
{
    return uint(v.x & 255) | uint(v.y & 255) << 8 | uint(v.z & 255) << 16 | uint(v.w & 255) << 24;
}
#endif
