// Integer dot products of packed bytes: signed x times weights w (bytes of Q8 signed; nibbles and integers of up to
// six bits are the same either way). DOT4_HARDWARE uses SPV_KHR_integer_dot_product, by its opcode because older compilers have no name for it.
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

int dot8(uvec2 a, uvec2 b) { return dot4(a.x, b.x) + dot4(a.y, b.y); }

int dot16(uvec4 a, uvec4 b) { return dot4(a.x, b.x) + dot4(a.y, b.y) + dot4(a.z, b.z) + dot4(a.w, b.w); }
