// Extensions and constants that every kernel uses. Floats are F32 everywhere; 8- and 16-bit values travel packed in
// uint, because not every device can address them.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require

// A score below all others, finite so that the difference of two of them is zero and not NaN.
const float LOWEST = -1e30;

float minus_infinity() { return uintBitsToFloat(0xff800000u); }
