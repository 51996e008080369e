"""What a study is: its file, its grid of arms, and where each arm stands; read by the sweeper, the launcher and the comparison alike."""
