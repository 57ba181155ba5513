"""The pages on which footage is looked at and exported, by who may and for a need that was raised."""
