// gelu in its tanh form. Include math.glsl before. 0.5 (1 + tanh(v)) is written as 1 / (1 + e^-2v): one exponential, no cancellation, no overflow to NaN.
float gelu_tanh(float z)
{
    float inner = 0.797884561 * (z + 0.044715 * z * z * z);
    return z / (1.0 + exp_exact(-2.0 * inner));
}
