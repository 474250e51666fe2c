"""Keys on a PKCS#11 token: a smart card, a hardware security module, or SoftHSM, which is files again."""
