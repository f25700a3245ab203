// Integer dot products of packed bytes: signed x times weights w (bytes of Q8 signed; nibbles and integers of up to
// six bits are the same either way), exact in every form. DOT4_HARDWARE uses SPV_KHR_integer_dot_product, by its opcode because older compilers have no name for it.
#include "group_scale.glsl"
#ifdef DOT4_HARDWARE
#extension GL_EXT_spirv_intrinsics : require
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6019, 6018], id = 4450)
int dot4_packed(uint a, uint b, spirv_literal int format);
int dot4(uint a, uint b) { return dot4_packed(a, b, 0); }
#else
int dot4(uint a, uint b)
{
    return (int(a << 24) >> 24) * (int(b << 24) >> 24) + (int(a << 16) >> 24) * (int(b << 16) >> 24)
        + (int(a << 8) >> 24) * (int(b << 8) >> 24) + (int(a) >> 24) * (int(b) >> 24);
}
#endif

#if !defined(DOT4_HARDWARE) && (defined(WEIGHT_Q4) || defined(WEIGHT_K))
// Weights of no sign and few bits, two of them in one multiplication: (u + v 2^16) * (s + r 2^16) has u r + v s in its upper half, and u s in
// its lower. As long as neither half overflows, products can be added up before the lower one is taken off. So many columns that 32767 holds:
// sixteen of 4 bits, eight of 5, four of 6.
int paired(uint w, uint x)
{
    int even = (int(x << 8) >> 24) + (int(x << 24) >> 8);
    int odd = (int(x) >> 24) + (int((x & 0xff00u) << 16) >> 8);
    return int(w & 0x00ff00ffu) * even + int((w >> 8) & 0x00ff00ffu) * odd;
}

int upper_half(int sum) { return (sum - (int(uint(sum) << 16) >> 16)) >> 16; }

#if defined(WEIGHT_Q6K)
int dot8(uvec2 a, uvec2 b) { return upper_half(paired(a.x, b.x)) + upper_half(paired(a.y, b.y)); }

int dot16(uvec4 a, uvec4 b) { return dot8(a.xy, b.xy) + dot8(a.zw, b.zw); }
#elif defined(WEIGHT_Q5K)
int dot16(uvec4 a, uvec4 b) { return upper_half(paired(a.x, b.x) + paired(a.y, b.y)) + upper_half(paired(a.z, b.z) + paired(a.w, b.w)); }
#else
int dot16(uvec4 a, uvec4 b) { return upper_half(paired(a.x, b.x) + paired(a.y, b.y) + paired(a.z, b.z) + paired(a.w, b.w)); }
#endif
#else
int dot8(uvec2 a, uvec2 b) { return dot4(a.x, b.x) + dot4(a.y, b.y); }

int dot16(uvec4 a, uvec4 b) { return dot4(a.x, b.x) + dot4(a.y, b.y) + dot4(a.z, b.z) + dot4(a.w, b.w); }
#endif
